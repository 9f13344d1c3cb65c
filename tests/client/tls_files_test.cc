#include "clients/cpp/tls_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/client/test_pki.h"

namespace bonnie::client {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class TlsFilesTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { pki_ = new TestPki; }
  static void TearDownTestSuite() { delete pki_; }

  static std::string Error(const TlsFiles& files, absl::Time now = absl::Now()) {
    const absl::StatusOr<TlsTexts> texts = ReadTlsFiles(files, now);
    EXPECT_EQ(texts.status().code(), absl::StatusCode::kFailedPrecondition);
    return std::string(texts.status().message());
  }

  static TestPki* pki_;
};
TestPki* TlsFilesTest::pki_ = nullptr;

TEST_F(TlsFilesTest, ReadsAGoodIdentity) {
  const absl::StatusOr<TlsTexts> texts = ReadTlsFiles(pki_->Identity("client"));
  ASSERT_TRUE(texts.ok()) << texts.status();
  EXPECT_EQ(texts->ca, pki_->Read("ca.pem"));
  EXPECT_EQ(texts->key, pki_->Read("client.key"));
}

TEST_F(TlsFilesTest, NamesTheFileAndTheReason) {
  TlsFiles files = pki_->Identity("client");
  files.key_file = pki_->File("reader.key");
  EXPECT_THAT(Error(files),
              AllOf(HasSubstr("key_file"), HasSubstr("reader.key: is not the key of"), HasSubstr("client.pem")));
  files = pki_->Identity("client");
  files.ca_file = pki_->File("client.key");
  EXPECT_THAT(Error(files), HasSubstr("client.key: holds no PEM certificate"));
  files = pki_->Identity("client");
  files.key_file = pki_->File("client.pem");
  EXPECT_THAT(Error(files), HasSubstr("client.pem: holds no unencrypted PEM private key"));
  files = pki_->Identity("client");
  files.cert_file = "";
  EXPECT_THAT(Error(files), HasSubstr("cert_file: not set"));
}

TEST_F(TlsFilesTest, RefusesACertificateOutOfItsTime) {
  EXPECT_THAT(Error(pki_->Identity("variants/expired-client")), HasSubstr("expired-client.pem: expired at"));
  EXPECT_THAT(Error(pki_->Identity("client"), absl::Now() - absl::Hours(24)), HasSubstr("is valid from"));
  EXPECT_THAT(Error(pki_->Identity("client"), absl::Now() + absl::Hours(24 * 365)), HasSubstr("expired at"));
}

}  // namespace
}  // namespace bonnie::client
