#include "services/data_access/tls_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/support/status_matchers.h"

namespace bonnie::data_access {
namespace {

using absl::StatusCode;
using test_support::IsOk;
using test_support::StatusIs;
using testing::AllOf;
using testing::HasSubstr;

class TlsOptionsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    char name[] = "/tmp/bonnie-tls-XXXXXX";
    dir_ = new std::string(mkdtemp(name));
    const std::string command =
        BONNIE_SOURCE_DIR "/deploy/pki/make-pki " + *dir_ + "/pki --test-variants >" + *dir_ + "/log 2>&1";
    ASSERT_EQ(std::system(command.c_str()), 0) << *dir_ << "/log";
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(*dir_); }
  static std::string File(const std::string& name) { return *dir_ + "/pki/" + name; }

  static inline std::string* dir_ = nullptr;
};

TEST_F(TlsOptionsTest, TakesACaAloneOrWithAPair) {
  EXPECT_THAT(CheckTlsOptions({File("ca.pem"), "", "", ""}), IsOk());
  EXPECT_THAT(CheckTlsOptions({File("ca.pem"), File("client.pem"), File("client.key"), *dir_}), IsOk());
}

TEST_F(TlsOptionsTest, NamesTheFileAndWhatIsWrongWithIt) {
  std::ofstream(File("empty.pem")) << "no PEM";
  struct Case {
    TlsOptions options;
    const char* file;
    const char* reason;
  } const cases[] = {
      {{"", "", "", ""}, "ca_file", "empty"},
      {{File("none.pem"), "", "", ""}, "none.pem", "cannot be read"},
      {{File("empty.pem"), "", "", ""}, "empty.pem", "no PEM certificate"},
      {{File("variants/expired.pem"), "", "", ""}, "expired.pem", "expired"},
      {{File("ca.pem"), File("client.pem"), "", ""}, "key_file", "want both"},
      {{File("ca.pem"), File("client.pem"), File("empty.pem"), ""}, "empty.pem", "no PEM private key"},
      {{File("ca.pem"), File("client.pem"), File("reader.key"), ""}, "reader.key", "is not the key of"},
      {{File("ca.pem"), File("variants/expired-client.pem"), File("variants/expired-client.key"), ""},
       "expired-client.pem",
       "expired"},
      {{File("ca.pem"), "", "", File("plugins")}, "plugins", "not a folder"},
  };
  for (const Case& c : cases) {
    EXPECT_THAT(CheckTlsOptions(c.options),
                StatusIs(StatusCode::kFailedPrecondition, AllOf(HasSubstr(c.file), HasSubstr(c.reason))));
  }
}

}  // namespace
}  // namespace bonnie::data_access
