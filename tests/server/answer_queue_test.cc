#include "services/server/answer_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "tests/server/test_server.h"

namespace bonnie::server {
namespace {

constexpr int kCalls = 20;

// Calls that arrived and wait for a test to answer them.
class Waiting {
 public:
  void Add(UnaryCall* call) ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    calls_.push_back(call);
  }
  // Waits until kCalls have arrived.
  std::vector<UnaryCall*> TakeAll() ABSL_LOCKS_EXCLUDED(mu_) {
    const auto all_here = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return calls_.size() == kCalls; };
    absl::MutexLock lock(&mu_, absl::Condition(&all_here));
    return calls_;
  }

 private:
  absl::Mutex mu_;
  std::vector<UnaryCall*> calls_ ABSL_GUARDED_BY(mu_);
};

// Callers that each make one call on a thread of their own.
class Callers {
 public:
  explicit Callers(TestServer& server) : answers_(kCalls) {
    for (grpc::Status& answer : answers_) threads_.emplace_back([&] { answer = CallGetStatus(server); });
  }
  const std::vector<grpc::Status>& Join() {
    for (std::thread& thread : threads_) thread.join();
    return answers_;
  }

 private:
  std::vector<grpc::Status> answers_;
  std::vector<std::thread> threads_;
};

TEST(AnswerQueueTest, EveryAnswerOfABatchLeavesWithoutAFlush) {
  TestServer server;
  Waiting waiting;
  server.status.handler = [&](UnaryCall* call) { waiting.Add(call); };
  Callers callers(server);
  const std::vector<UnaryCall*> calls = waiting.TakeAll();
  server.server->calls().delivery().Deliver([&] {
    for (std::size_t i = 0; i < calls.size(); ++i) {
      calls[i]->Finish(i % 2 == 0 ? absl::OkStatus() : absl::NotFoundError("no such patient"));
    }
  });
  int ok = 0;
  for (const grpc::Status& answer : callers.Join()) {
    EXPECT_THAT(answer.error_code(), ::testing::AnyOf(grpc::StatusCode::OK, grpc::StatusCode::NOT_FOUND));
    ok += answer.ok() ? 1 : 0;
  }
  EXPECT_EQ(ok, kCalls / 2);
}

TEST(AnswerQueueTest, FlushSendsWhatIsHeld) {
  TestServer server;
  Waiting waiting;
  server.status.handler = [&](UnaryCall* call) { waiting.Add(call); };
  Callers callers(server);
  const std::vector<UnaryCall*> calls = waiting.TakeAll();
  data_access::Delivery& delivery = server.server->calls().delivery();
  delivery.Deliver([&] {
    for (UnaryCall* call : calls) call->Finish(absl::OkStatus());
  });
  delivery.Flush();  // beside the polling threads: each answer is sent by one of them only
  for (const grpc::Status& answer : callers.Join()) EXPECT_TRUE(answer.ok()) << answer.error_message();
}

TEST(AnswerQueueTest, OutsideABatchNothingIsHeld) {
  TestServer server;
  server.status.handler = [](UnaryCall* call) {
    EXPECT_FALSE(AnswerQueue::Hold(call));
    call->Finish(absl::OkStatus());
  };
  EXPECT_TRUE(CallGetStatus(server).ok());
}

}  // namespace
}  // namespace bonnie::server
