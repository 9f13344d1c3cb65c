// Servers that must be refused: the seed's failure was TLS that was asked for and not used. Each refusal names file and
// reason, and none gets the password.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "services/data_access/fault.h"
#include "services/data_access/mysql_driver.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"

namespace bonnie::data_access {
namespace {

using absl::StatusCode;
using test_support::IsOk;
using test_support::StatusIs;
using test_support::TestDatabase;
using test_support::TestDatabaseOptions;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

ConnectOptions OptionsFor(const TestDatabase& database) {
  ConnectOptions options;
  options.host = "127.0.0.1";
  options.port = database.port();
  options.tls = TlsOptions{database.ca_file(), "", "", ""};
  options.credentials = PasswordFile("bonnie_schema", database.password_file("schema"));
  return options;
}

absl::Status Connect(const ConnectOptions& options) { return MakeMySqlDriver()->Connect(options).status(); }

TEST(TlsRefusalTest, TakesTheRightServer) {
  TestDatabase database;
  EXPECT_THAT(Connect(OptionsFor(database)), IsOk());
  ConnectOptions client_certificate = OptionsFor(database);
  client_certificate.tls->cert_file = database.pki_file("client.pem");
  client_certificate.tls->key_file = database.pki_file("client.key");
  EXPECT_THAT(Connect(client_certificate), IsOk());
}

TEST(TlsRefusalTest, RefusesAServerOfAnotherCa) {
  TestDatabase database;
  ConnectOptions options = OptionsFor(database);
  options.tls->ca_file = database.pki_file("variants/other-ca.pem");
  const absl::Status status = Connect(options);
  EXPECT_THAT(status,
              StatusIs(StatusCode::kUnavailable,
                       AllOf(HasSubstr("other-ca.pem"), HasSubstr("not signed by our CA"), HasSubstr("127.0.0.1"))));
  EXPECT_TRUE(FaultOf(status)->alarm);
}

TEST(TlsRefusalTest, RefusesCertificatesThatDoNotFit) {
  const struct {
    const char* certificate;
    const char* reason;
  } cases[] = {{"variants/wrong-name", "does not name this host"},
               {"variants/expired", "expired"},
               {"variants/other-ca-server", "not signed by our CA"}};
  for (const auto& c : cases) {
    TestDatabaseOptions server;
    server.certificate = c.certificate;
    TestDatabase database(server);
    const absl::Status status = Connect(OptionsFor(database));
    EXPECT_THAT(status, StatusIs(StatusCode::kUnavailable,
                                 AllOf(HasSubstr(c.reason), HasSubstr("ca.pem"), HasSubstr("127.0.0.1"))))
        << c.certificate;
  }
}

TEST(TlsRefusalTest, RefusesAServerWithoutTls) {
  TestDatabaseOptions server;
  server.tls = false;
  TestDatabase database(server);
  EXPECT_THAT(Connect(OptionsFor(database)),
              StatusIs(StatusCode::kUnavailable, AllOf(HasSubstr("offers no TLS"), HasSubstr("ca.pem"))));
}

TEST(TlsRefusalTest, RefusesOurOwnFilesBeforeItConnects) {
  ConnectOptions options;
  options.host = "127.0.0.1";
  options.port = 1;
  options.credentials = [] { return Credentials{"u", "p"}; };
  options.tls = TlsOptions{"/no/such/ca.pem", "", "", ""};
  EXPECT_THAT(Connect(options),
              StatusIs(StatusCode::kFailedPrecondition, HasSubstr("/no/such/ca.pem: cannot be read")));
  options.tls->ca_file.clear();
  EXPECT_THAT(Connect(options), StatusIs(StatusCode::kFailedPrecondition, HasSubstr("ca_file")));
}

// A server that offers no TLS and asks for the password in clear text, as an attacker on the way would.
class GreedyServer {
 public:
  GreedyServer() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(listener_, 1), 0);
    EXPECT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  // Everything that the client sent.
  std::string Heard() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
    return heard_;
  }
  int port() const { return port_; }

 private:
  void Serve() {
    const int client = accept(listener_, nullptr, nullptr);
    if (client < 0) return;
    Send(client, 0, Greeting());
    if (Hear(client)) {
      // AuthSwitchRequest, to the clear-text plugin.
      Send(client, 2, absl::StrCat("\xfe", std::string("mysql_clear_password\0", 21)));
      Hear(client);
    }
    close(client);
  }
  // Protocol version 10 without CLIENT_SSL among its capabilities.
  static std::string Greeting() {
    std::string greeting = "\x0a";
    greeting += std::string("8.4.0\0", 6);
    greeting += std::string("\x01\0\0\0", 4);  // connection id
    greeting += std::string("abcdefgh\0", 9);  // first part of the salt
    greeting += std::string("\xff\xf7", 2);    // capabilities, low half, CLIENT_SSL (0x0800) off
    greeting += std::string("\x2d\x02\0", 3);  // character set, status
    greeting += std::string("\xff\xc1", 2);    // capabilities, high half
    greeting += '\x15';
    greeting += std::string(10, '\0');
    greeting += std::string("ijklmnopqrst\0", 13);
    greeting += std::string("mysql_native_password\0", 22);
    return greeting;
  }
  static void Send(int client, char sequence, const std::string& payload) {
    std::string packet = {static_cast<char>(payload.size()), 0, 0, sequence};
    packet += payload;
    (void)!write(client, packet.data(), packet.size());
  }
  bool Hear(int client) {
    char buffer[4096];
    const ssize_t size = read(client, buffer, sizeof buffer);
    if (size > 0) heard_.append(buffer, static_cast<size_t>(size));
    return size > 0;
  }

  const int listener_;
  int port_ = 0;
  std::string heard_;
  std::thread thread_;
};

TEST(TlsRefusalTest, GivesNoPasswordToAServerThatAsksForItInClearText) {
  TestDatabase database;  // for a CA
  GreedyServer server;
  ConnectOptions options = OptionsFor(database);
  options.port = server.port();
  options.credentials = [] { return Credentials{"somebody", "open-sesame"}; };
  const absl::Status status = Connect(options);
  EXPECT_THAT(status,
              StatusIs(StatusCode::kUnavailable, AllOf(HasSubstr("offers no TLS"), Not(HasSubstr("open-sesame")))));
  const std::string heard = server.Heard();
  EXPECT_THAT(heard, Not(HasSubstr("open-sesame")));
  EXPECT_THAT(heard, Not(HasSubstr("somebody")));
}

// The seed's failure from the other side: 3159 where the server demands TLS of all, 1045 where it demands it of the
// user.
TEST(TlsRefusalTest, OurServersRefuseClientsWithoutTls) {
  TestDatabase database;
  std::string password;
  std::ifstream(database.password_file("schema")) >> password;
  const std::string options = database.dir() + "/schema.cnf";  // a command line is everybody's to read
  std::ofstream(options) << "[client]\nuser=bonnie_schema\npassword=" << password << "\n";
  const std::string command =
      absl::StrCat("mariadb --defaults-file=", options,
                   " --skip-ssl --protocol=tcp --host=127.0.0.1 --port=", database.port(), " -e 'SELECT 1' 2>&1");
  FILE* const pipe = popen(command.c_str(), "r");
  std::string output(4096, '\0');
  output.resize(fread(output.data(), 1, output.size(), pipe));
  EXPECT_NE(pclose(pipe), 0);
  EXPECT_THAT(output, testing::ContainsRegex("ERROR (3159|1045)"));
}

}  // namespace
}  // namespace bonnie::data_access
