#ifndef BONNIE_TESTS_CLIENT_TEST_PKI_H_
#define BONNIE_TESTS_CLIENT_TEST_PKI_H_

#include <stdlib.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "clients/cpp/options.h"

namespace bonnie::client {

// The PKI of deploy/pki/make-pki with what must be refused, in a temporary folder.
class TestPki {
 public:
  TestPki() : folder_(std::filesystem::temp_directory_path() / absl::StrCat("pki-", getpid())) {
    const std::string command =
        absl::StrCat("'" BONNIE_SOURCE_DIR "/deploy/pki/make-pki' '", folder_.string(), "' --test-variants");
    if (std::system(command.c_str()) != 0) std::abort();  // no test could go on
  }
  ~TestPki() { std::filesystem::remove_all(folder_); }

  std::string File(const std::string& name) const { return (folder_ / name).string(); }
  std::string Read(const std::string& name) const {
    std::ifstream stream(File(name));
    return std::string((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  }
  // The identity called `name`, such as client or variants/expired-client.
  TlsFiles Identity(const std::string& name) const {
    return {File("ca.pem"), File(name + ".pem"), File(name + ".key")};
  }

 private:
  const std::filesystem::path folder_;
};

}  // namespace bonnie::client

#endif  // BONNIE_TESTS_CLIENT_TEST_PKI_H_
