#include "services/server/port_owner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"

namespace bonnie::server {
namespace {

using ::testing::HasSubstr;

TEST(PortOwnerTest, NamesWhoListens) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(fd, 1), 0);
  ASSERT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const int port = ntohs(address.sin_port);
  EXPECT_THAT(PortOwner(port), HasSubstr(absl::StrCat("(pid ", getpid(), ")")));
  const absl::Status status = CannotListen(absl::StrCat("127.0.0.1:", port));
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("Address already in use, by "));
  close(fd);
  EXPECT_EQ(PortOwner(port), "");
}

TEST(PortOwnerTest, TellsOtherReasons) {
  EXPECT_THAT(std::string(CannotListen("192.0.2.1:80").message()), HasSubstr("192.0.2.1:80: cannot listen there: "));
}

}  // namespace
}  // namespace bonnie::server
