#include "services/data_access/point_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "services/data_access/status_macros.h"
#include "services/data_access/watchdog.h"
#include "tests/data_access/items.h"
#include "tests/data_access/timing.h"
#include "tests/support/fake_driver.h"
#include "tests/support/status_matchers.h"

namespace bonnie::data_access {
namespace {

using absl::StatusCode;
using test_support::IsOk;
using test_support::StatusIs;
using testing::ElementsAre;

using Answer = absl::StatusOr<absl::optional<std::string>>;

// Answers by call, with a check that each comes once.
class Answers {
 public:
  Reader::Done Next() {
    absl::MutexLock lock(&mu_);
    const int index = asked_++;
    return [this, index](Answer answer) {
      absl::MutexLock inner(&mu_);
      EXPECT_TRUE(answers_.emplace(index, std::move(answer)).second) << "answered twice";
    };
  }
  // All of them, in the order asked.
  std::vector<Answer> Wait() {
    const auto all = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return static_cast<int>(answers_.size()) == asked_; };
    absl::MutexLock lock(&mu_);
    EXPECT_TRUE(mu_.AwaitWithTimeout(absl::Condition(&all), absl::Seconds(20)));
    std::vector<Answer> answers;
    for (auto& [index, answer] : answers_) answers.push_back(answer);
    return answers;
  }
  bool answered(int index) {
    absl::MutexLock lock(&mu_);
    return answers_.count(index) > 0;
  }

 private:
  absl::Mutex mu_;
  int asked_ ABSL_GUARDED_BY(mu_) = 0;
  std::map<int, Answer> answers_ ABSL_GUARDED_BY(mu_);
};

class PointReaderTest : public testing::Test {
 protected:
  static constexpr char kSelect[] = "FROM items";

  PointReaderTest() {
    for (int id = 1; id <= 100; ++id) driver_.SetItem(id, absl::StrCat("item ", id));
    PoolOptions options;
    options.backoff_min = options.backoff_max = absl::Milliseconds(1);
    pool_ = std::make_unique<Pool>(driver_, &watchdog_, options);
    executor_ = std::make_unique<Executor>(*pool_, ExecutorOptions{});
    // Statements wait at the gate while it is shut.
    driver_.OnStatement([this](absl::string_view text) {
      if (text.find(kSelect) == absl::string_view::npos) return;
      absl::MutexLock lock(&gate_mu_);
      ++arrived_;
      gate_mu_.Await(absl::Condition(&open_));
    });
  }

  std::unique_ptr<Reader> MakeReader(PointReaderOptions options = {}, Reader::Read read = ReadItems) {
    options.max_statements = 1;
    options.linger = absl::ZeroDuration();
    return std::make_unique<Reader>(*executor_, options, std::move(read));
  }
  void ShutGate() {
    absl::MutexLock lock(&gate_mu_);
    open_ = false;
    arrived_ = 0;
  }
  void OpenGate() {
    absl::MutexLock lock(&gate_mu_);
    open_ = true;
  }
  void AwaitArrival() {
    ASSERT_TRUE(Eventually([this] {
      absl::MutexLock lock(&gate_mu_);
      return arrived_ > 0;
    }));
  }
  // Occupies the one statement in flight, so that calls from now on wait together. OpenGate lets them go.
  void Occupy(Reader& reader) {
    ShutGate();
    reader.Get(1, {}, answers_.Next());
    AwaitArrival();
  }

  FakeDriver driver_;
  Watchdog watchdog_{driver_, {}};
  absl::Mutex gate_mu_;
  bool open_ = true;
  int arrived_ = 0;
  std::unique_ptr<Pool> pool_;
  std::unique_ptr<Executor> executor_;
  Answers answers_;
};

TEST_F(PointReaderTest, SendsALoneCallAtOnceAndAlone) {
  const auto reader = MakeReader();
  reader->Get(7, {}, answers_.Next());
  EXPECT_EQ(**answers_.Wait()[0], "item 7");
  EXPECT_EQ(driver_.count(GetItemsSql(1).text), 1);
}

TEST_F(PointReaderTest, MergesWhatWaitsIntoOneStatement) {
  const auto reader = MakeReader();
  Occupy(*reader);
  for (const int id : {5, 3, 999, 3, 9}) reader->Get(id, {}, answers_.Next());
  OpenGate();
  const std::vector<Answer> answers = answers_.Wait();
  EXPECT_EQ(**answers[1], "item 5");
  EXPECT_EQ(**answers[2], "item 3");
  EXPECT_EQ(*answers[3], absl::nullopt);  // no such item
  EXPECT_EQ(**answers[4], "item 3");      // asked twice
  EXPECT_EQ(**answers[5], "item 9");
  EXPECT_EQ(reader->stats().statements, 2);
  EXPECT_EQ(driver_.count(GetItemsSql(4).text), 1);
}

// Counts batches and the answers within them.
class CountingDelivery final : public Delivery {
 public:
  void Deliver(absl::FunctionRef<void()> answers) override {
    ++batches;
    answers();
  }
  void Flush() override { ++flushes; }

  std::atomic<int> batches{0};
  std::atomic<int> flushes{0};
};

TEST_F(PointReaderTest, AnswersLeaveByTheDeliveryABatchAtATime) {
  CountingDelivery delivery;
  PointReaderOptions options;
  options.delivery = &delivery;
  const auto reader = MakeReader(options);
  Occupy(*reader);
  for (const int id : {5, 3, 9}) reader->Get(id, {}, answers_.Next());
  OpenGate();
  EXPECT_EQ(answers_.Wait().size(), 4u);
  EXPECT_EQ(delivery.batches, 2);
  EXPECT_TRUE(Eventually([&] { return delivery.flushes > 0; }))
      << "a thread without a further batch holds answers back";
}

TEST_F(PointReaderTest, UsesSizesThatArePowersOfTwo) {
  std::vector<size_t> sizes;
  const auto reader = MakeReader({}, [&sizes](Querier& querier, absl::Span<const std::int64_t> keys, auto* items) {
    sizes.push_back(keys.size());
    EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
    return ReadItems(querier, keys, items);
  });
  for (const int count : {1, 2, 3, 5, 9, 17, 33, 64}) {
    Occupy(*reader);
    for (int id = 1; id <= count; ++id) reader->Get(id, {}, answers_.Next());
    OpenGate();
    answers_.Wait();
  }
  EXPECT_THAT(sizes, ElementsAre(1, 1, 1, 2, 1, 4, 1, 8, 1, 16, 1, 32, 1, 64, 1, 64));
}

TEST_F(PointReaderTest, SplitsWhatIsTooManyForOneStatement) {
  const auto reader = MakeReader();
  Occupy(*reader);
  for (int id = 1; id <= 100; ++id) reader->Get(id, {}, answers_.Next());
  OpenGate();
  const std::vector<Answer> answers = answers_.Wait();
  for (int id = 1; id <= 100; ++id) EXPECT_EQ(**answers[id], absl::StrCat("item ", id));
  EXPECT_EQ(reader->stats().statements, 3);
}

// What joins a statement that was sent already may read what was true before it asked.
TEST_F(PointReaderTest, NeverJoinsAStatementThatWasSent) {
  const auto reader = MakeReader();
  Occupy(*reader);
  driver_.SetItem(1, "newer");
  reader->Get(1, {}, answers_.Next());
  OpenGate();
  answers_.Wait();
  EXPECT_EQ(reader->stats().statements, 2);
}

TEST_F(PointReaderTest, DropsThoseWhoLeftBeforeSending) {
  const auto reader = MakeReader();
  Occupy(*reader);
  const Budget cancelled = In(absl::Seconds(9));
  reader->Get(2, In(absl::Milliseconds(10)), answers_.Next());
  reader->Get(3, cancelled, answers_.Next());
  reader->Get(4, In(absl::Seconds(9)), answers_.Next());
  cancelled.cancellation->Cancel();
  absl::SleepFor(absl::Milliseconds(20));
  OpenGate();
  const std::vector<Answer> answers = answers_.Wait();
  EXPECT_THAT(answers[1], StatusIs(StatusCode::kDeadlineExceeded));
  EXPECT_THAT(answers[2], StatusIs(StatusCode::kCancelled));
  EXPECT_EQ(**answers[3], "item 4");
  EXPECT_EQ(driver_.count(GetItemsSql(1).text), 2);  // of one key, not of four
}

// A read that sleeps once, then reads: for what happens while a merged statement runs.
Reader::Read SleepFirst(double seconds) {
  return [slept = std::make_shared<std::atomic<int>>(0), seconds](Querier& querier, absl::Span<const std::int64_t> keys,
                                                                  auto* items) {
    if (keys.size() > 1) {
      ++*slept;
      BONNIE_RETURN_IF_ERROR(querier.Query(Statement(kSleep, seconds)).status());
    }
    return ReadItems(querier, keys, items);
  };
}

TEST_F(PointReaderTest, RunsUntilTheLatestDeadlineOfItsMembers) {
  const auto reader = MakeReader({}, SleepFirst(0.1));
  Occupy(*reader);
  reader->Get(2, In(absl::Milliseconds(60)), answers_.Next());
  reader->Get(3, In(absl::Seconds(9)), answers_.Next());
  OpenGate();
  const std::vector<Answer> answers = answers_.Wait();
  EXPECT_THAT(answers[1], StatusIs(StatusCode::kDeadlineExceeded));  // alone it would have been cut
  EXPECT_EQ(**answers[2], "item 3");
  EXPECT_EQ(watchdog_.kills(), 0);
}

TEST_F(PointReaderTest, GoesOnWhileOneMemberStaysAndIsKilledWhenTheLastLeaves) {
  const auto reader = MakeReader({}, SleepFirst(30));
  Occupy(*reader);
  const Budget first = In(absl::Seconds(60)), second = In(absl::Seconds(60));
  reader->Get(2, first, answers_.Next());
  reader->Get(3, second, answers_.Next());
  OpenGate();
  ASSERT_TRUE(Eventually([this] { return driver_.count("SLEEP") == 1; }));
  first.cancellation->Cancel();
  absl::SleepFor(absl::Milliseconds(50));
  EXPECT_EQ(watchdog_.kills(), 0);
  const absl::Time left = absl::Now();
  second.cancellation->Cancel();
  const std::vector<Answer> answers = answers_.Wait();
  EXPECT_LT(absl::Now() - left, absl::Seconds(2));
  EXPECT_THAT(answers[1], StatusIs(StatusCode::kCancelled));
  EXPECT_THAT(answers[2], StatusIs(StatusCode::kCancelled));
  EXPECT_EQ(watchdog_.kills(), 1);
}

TEST_F(PointReaderTest, ReadsEachMemberAloneOnceAfterALostSession) {
  for (const int number : {2026, 2014, 1213, 1317}) {
    const auto reader = MakeReader();
    const int alone_before = driver_.count(GetItemsSql(1).text);
    Answers answers;
    ShutGate();
    reader->Get(1, {}, answers.Next());
    AwaitArrival();
    for (const int id : {2, 3, 4}) reader->Get(id, In(absl::Seconds(9)), answers.Next());
    driver_.Fail(GetItemsSql(4).text, number);
    OpenGate();
    const std::vector<Answer> got = answers.Wait();
    for (int i = 1; i <= 3; ++i) EXPECT_EQ(**got[i], absl::StrCat("item ", i + 1)) << number;
    EXPECT_EQ(reader->stats().alone, 3);
    EXPECT_EQ(driver_.count(GetItemsSql(1).text) - alone_before, 4);
  }
}

TEST_F(PointReaderTest, GivesAFailureOfItsOwnToAMemberThatFailsAloneToo) {
  const auto reader = MakeReader();
  Occupy(*reader);
  for (const int id : {2, 3}) reader->Get(id, {}, answers_.Next());
  driver_.Fail(GetItemsSql(2).text, 2026);
  OpenGate();
  driver_.Fail(GetItemsSql(1).text, 2026, "", 1);
  const std::vector<Answer> answers = answers_.Wait();
  const int failed = !answers[1].ok() + !answers[2].ok() + !answers[0].ok();
  EXPECT_LE(failed, 1);
}

TEST_F(PointReaderTest, GivesWhatTheServerSaysToTheStatementToAll) {
  const auto reader = MakeReader();
  Occupy(*reader);
  for (const int id : {2, 3}) reader->Get(id, {}, answers_.Next());
  driver_.Fail(GetItemsSql(2).text, 1146);
  OpenGate();
  const std::vector<Answer> answers = answers_.Wait();
  EXPECT_THAT(answers[1], StatusIs(StatusCode::kInternal));
  EXPECT_THAT(answers[2], StatusIs(StatusCode::kInternal));
  EXPECT_EQ(reader->stats().alone, 0);
}

TEST_F(PointReaderTest, FailsAllAtOnceWhileTheSiteIsDown) {
  const auto reader = MakeReader();
  Occupy(*reader);
  for (int id = 2; id <= 60; ++id) reader->Get(id, In(absl::Seconds(30)), answers_.Next());
  driver_.FailConnects(2002);
  driver_.BreakConnections();
  const absl::Time start = absl::Now();
  OpenGate();
  for (const Answer& answer : answers_.Wait()) EXPECT_THAT(answer, StatusIs(StatusCode::kUnavailable));
  EXPECT_LT(absl::Now() - start, absl::Seconds(2));
}

// redis/redis-py #2624: one user's answer to another.
TEST_F(PointReaderTest, NeverHandsOverARowThatWasNotAskedFor) {
  for (const std::int64_t stray : {99, 3}) {  // another's, and one that comes twice
    const auto reader = MakeReader({}, [stray](Querier& querier, absl::Span<const std::int64_t> keys, auto* items) {
      const absl::Status status = ReadItems(querier, keys, items);
      if (keys.size() > 1) items->emplace_back(stray, "stray");
      return status;
    });
    Answers answers;
    ShutGate();
    reader->Get(1, {}, answers.Next());
    AwaitArrival();
    for (const int id : {2, 3}) reader->Get(id, {}, answers.Next());
    const std::int64_t broken = pool_->stats().closed_broken;
    OpenGate();
    const std::vector<Answer> got = answers.Wait();
    EXPECT_EQ(**got[1], "item 2");
    EXPECT_EQ(**got[2], "item 3");
    EXPECT_EQ(reader->stats().strays, 1);
    EXPECT_EQ(pool_->stats().closed_broken, broken + 1);  // nobody uses that session any more
  }
  const auto always = MakeReader({}, [](Querier&, absl::Span<const std::int64_t>, auto* items) {
    items->emplace_back(99, "stray");
    return absl::OkStatus();
  });
  always->Get(1, {}, answers_.Next());
  EXPECT_THAT(answers_.Wait()[0], StatusIs(StatusCode::kInternal));
}

TEST_F(PointReaderTest, RefusesWhatItHasNoRoomFor) {
  PointReaderOptions options;
  options.max_queued = 2;
  const auto reader = MakeReader(options);
  Occupy(*reader);
  for (const int id : {2, 3, 4}) reader->Get(id, {}, answers_.Next());
  EXPECT_TRUE(answers_.answered(3));
  OpenGate();
  const std::vector<Answer> answers = answers_.Wait();
  EXPECT_EQ(**answers[2], "item 3");
  EXPECT_EQ(FaultOf(answers[3].status())->reason, "OVERLOADED");
}

TEST_F(PointReaderTest, RefusesWhatTheExecutorHasNoRoomFor) {
  executor_->Drain();
  for (const int max_batch : {1, 64}) {
    PointReaderOptions options;
    options.max_batch = max_batch;
    const auto reader = MakeReader(options);
    reader->Get(1, {}, answers_.Next());
  }
  for (const Answer& answer : answers_.Wait()) EXPECT_EQ(FaultOf(answer.status())->reason, "OVERLOADED");
}

TEST_F(PointReaderTest, MergesNothingWithBatchesOfOne) {
  PointReaderOptions options;
  options.max_batch = 1;
  const auto reader = MakeReader(options);
  for (int id = 1; id <= 20; ++id) reader->Get(id, {}, answers_.Next());
  const std::vector<Answer> answers = answers_.Wait();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(**answers[i], absl::StrCat("item ", i + 1));
  EXPECT_EQ(driver_.count(GetItemsSql(1).text), 20);
}

TEST_F(PointReaderTest, WaitsForAFullerBatchUnderLoadOnly) {
  PointReaderOptions options;
  options.max_statements = 1;
  options.linger = absl::Milliseconds(400);
  Reader reader(*executor_, options, ReadItems);
  const absl::Time start = absl::Now();
  reader.Get(1, {}, answers_.Next());
  answers_.Wait();
  EXPECT_LT(absl::Now() - start, absl::Milliseconds(300));  // alone: at once
  Occupy(reader);
  for (int id = 2; id <= 9; ++id) reader.Get(id, {}, answers_.Next());
  OpenGate();
  answers_.Wait();
  // The last batch had eight members: the next one waits, until it is full enough.
  const absl::Time load = absl::Now();
  for (int id = 1; id <= 15; ++id) reader.Get(id, {}, answers_.Next());
  absl::SleepFor(absl::Milliseconds(20));
  EXPECT_EQ(reader.stats().statements, 3);
  reader.Get(16, {}, answers_.Next());
  answers_.Wait();
  EXPECT_LT(absl::Now() - load, absl::Milliseconds(300));
  EXPECT_EQ(reader.stats().statements, 4);
  // Nobody came after it: the thread goes back, and a lone call goes at once again.
  absl::SleepFor(absl::Milliseconds(450));
  const absl::Time alone = absl::Now();
  reader.Get(1, {}, answers_.Next());
  answers_.Wait();
  EXPECT_LT(absl::Now() - alone, absl::Milliseconds(300));
}

TEST_F(PointReaderTest, AnswersEveryoneBeforeItIsGone) {
  std::atomic<int> answered = 0;
  {
    const auto reader = MakeReader();
    for (int id = 1; id <= 50; ++id) reader->Get(id, {}, [&answered](Answer) { ++answered; });
  }
  EXPECT_EQ(answered, 50);
}

// Random callers, faults and cancellations: each gets its own row or an error, once.
TEST_F(PointReaderTest, AnswersEachCallerWithItsOwnRowWhateverHappens) {
  PointReaderOptions options;
  options.linger = absl::Microseconds(100);
  Reader reader(*executor_, options, ReadItems);
  std::atomic<int> asked = 0, answered = 0, right = 0, failed = 0, wrong = 0;
  std::vector<std::thread> callers;
  for (int c = 0; c < 4; ++c) {
    callers.emplace_back([&, c] {
      std::minstd_rand random(c + 1);
      for (int i = 0; i < 1000; ++i) {
        const std::int64_t id = random() % 120 + 1;  // some do not exist
        const Budget budget = In(absl::Milliseconds(random() % 10 == 0 ? 6 : 5000));
        ++asked;
        reader.Get(id, budget, [&, id](Answer answer) {
          ++answered;
          if (!answer.ok()) {
            ++failed;
          } else if (id > 100 ? answer->has_value() : *answer != absl::StrCat("item ", id)) {
            ++wrong;
          } else {
            ++right;
          }
        });
        if (random() % 10 == 0) budget.cancellation->Cancel();
        if (random() % 300 == 0) driver_.Fail(kSelect, random() % 2 == 0 ? 2026 : 1317);
        if (random() % 8 == 0) absl::SleepFor(absl::Microseconds(200));
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  ASSERT_TRUE(Eventually([&] { return asked == answered; }));
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(right, 1000);
  EXPECT_GT(failed, 0);
  EXPECT_LT(reader.stats().statements, 4000);
}

}  // namespace
}  // namespace bonnie::data_access
