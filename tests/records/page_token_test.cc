#include "services/records/page_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "absl/strings/escaping.h"
#include "bonnie/records/v1/patient_service.pb.h"
#include "services/server/error.h"
#include "tests/records/key_files.h"

namespace bonnie::records {
namespace {

constexpr char kCall[] = "ListPatients of a caller";

class PageTokenTest : public ::testing::Test {
 protected:
  std::unique_ptr<KeyRing> Ring(char key, std::vector<char> previous = {}) {
    std::vector<std::string> files;
    for (char digit : previous) files.push_back(folder_.WriteKey(std::string(1, digit), digit));
    return *KeyRing::Open(folder_.WriteKey(std::string(1, key), key), files);
  }
  static std::string Reason(const absl::Status& status) {
    const auto details = server::DetailsOf(status);
    return details.has_value() ? details->reason : "";
  }

  KeyFolder folder_;
  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
  std::unique_ptr<KeyRing> ring_ = Ring('a');
  PageTokens tokens_{*ring_, [this] { return now_; }};
};

TEST_F(PageTokenTest, OpensWhatItSealed) {
  for (const Cursor& cursor : {Cursor{absl::CivilDay(2020, 2, 29), 9'007'199'254'740'993},
                               Cursor{absl::CivilDay(1, 1, 1), 1}, Cursor{absl::CivilDay(9999, 12, 31), 7}}) {
    const absl::StatusOr<Cursor> opened = tokens_.Open(kCall, tokens_.Seal(kCall, cursor));
    ASSERT_TRUE(opened.ok()) << opened.status();
    EXPECT_EQ(*opened, cursor);
  }
}

TEST_F(PageTokenTest, BeginsAtTheFirstPageWithoutAToken) { EXPECT_EQ(*tokens_.Open(kCall, ""), Cursor()); }

TEST_F(PageTokenTest, ShowsNothingOfTheCursor) {
  const Cursor cursor{absl::CivilDay(1980, 2, 29), 4711};
  const std::string token = tokens_.Seal(kCall, cursor);
  EXPECT_NE(token, tokens_.Seal(kCall, cursor)) << "a nonce was used twice";
  EXPECT_EQ(token.size(), tokens_.Seal(kCall, Cursor{absl::CivilDay(1, 1, 1), 1}).size());
  EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string::npos);
  EXPECT_LE(token.size(), 1024u);
}

TEST_F(PageTokenTest, RefusesEverySingleFlippedBit) {
  const std::string token = tokens_.Seal(kCall, {absl::CivilDay(2020, 1, 2), 3});
  std::string bytes;
  ASSERT_TRUE(absl::WebSafeBase64Unescape(token, &bytes));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(Reason(tokens_.Open(kCall, std::string(absl::WebSafeBase64Escape(changed))).status()),
              "PAGE_TOKEN_INVALID")
        << "bit " << bit;
  }
  for (std::size_t bit = 0; bit < token.size() * 8; ++bit) {  // and of the text itself, where some bits carry nothing
    std::string changed = token;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(Reason(tokens_.Open(kCall, changed).status()), "PAGE_TOKEN_INVALID") << "bit " << bit << " of the text";
  }
}

TEST_F(PageTokenTest, RefusesWhatIsNoToken) {
  const std::string token = tokens_.Seal(kCall, {});
  for (const std::string& bad : {std::string("x"), token + "=", token + "\n", token.substr(1), token + token,
                                 token.substr(0, token.size() - 1), std::string(5000, 'A')}) {
    EXPECT_EQ(Reason(tokens_.Open(kCall, bad).status()), "PAGE_TOKEN_INVALID") << bad;
  }
}

TEST_F(PageTokenTest, RefusesAnotherCall) {
  const absl::Status status = tokens_.Open("another call", tokens_.Seal(kCall, {})).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Reason(status), "PAGE_TOKEN_MISMATCH");
}

TEST_F(PageTokenTest, ExpiresAfterADay) {
  const std::string token = tokens_.Seal(kCall, {});
  now_ += absl::Hours(24);
  EXPECT_TRUE(tokens_.Open(kCall, token).ok());
  now_ += absl::Seconds(1);
  EXPECT_EQ(Reason(tokens_.Open(kCall, token).status()), "PAGE_TOKEN_EXPIRED");
}

TEST_F(PageTokenTest, OpensWithAPreviousKeyAndNotWithAForgottenOne) {
  const std::string token = tokens_.Seal(kCall, {absl::CivilDay(2020, 1, 2), 3});
  const auto rotated = Ring('b', {'a'});
  EXPECT_EQ(PageTokens(*rotated, [this] { return now_; }).Open(kCall, token)->id, 3);
  const auto forgotten = Ring('c');
  EXPECT_EQ(Reason(PageTokens(*forgotten, [this] { return now_; }).Open(kCall, token).status()), "PAGE_TOKEN_INVALID");
}

TEST(PagedCallTest, IsTheSameForAnotherPageOnly) {
  v1::ListPatientsRequest request;
  request.set_show_deleted(true);
  const std::string call = PagedCall("azure", "List", "spiffe://bonnie/client", request);
  v1::ListPatientsRequest next = request;
  next.set_page_size(7);
  next.set_page_token("token");
  EXPECT_EQ(PagedCall("azure", "List", "spiffe://bonnie/client", next), call);
  next.set_show_deleted(false);
  EXPECT_NE(PagedCall("azure", "List", "spiffe://bonnie/client", next), call);
  EXPECT_NE(PagedCall("gcp", "List", "spiffe://bonnie/client", request), call);
  EXPECT_NE(PagedCall("azure", "Chart", "spiffe://bonnie/client", request), call);
  EXPECT_NE(PagedCall("azure", "List", "spiffe://bonnie/other", request), call);
  EXPECT_NE(PagedCall("azureL", "ist", "spiffe://bonnie/client", request), call);
}

}  // namespace
}  // namespace bonnie::records
