#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "services/data_access/driver.h"

namespace bonnie::data_access {

// A server to try a Driver on: with an empty table `items` (fake_driver.h).
class ContractServer {
 public:
  virtual ~ContractServer() = default;
  virtual Driver& driver() = 0;
  virtual ConnectOptions options() const = 0;
};
using ContractServerFactory = std::unique_ptr<ContractServer> (*)();

// What every Driver promises; driver_contract.cc holds the tests. Instantiate it with INSTANTIATE_TEST_SUITE_P in the
// twin test of the driver.
class DriverContract : public testing::TestWithParam<ContractServerFactory> {
 protected:
  DriverContract() : server_(GetParam()()) {}
  std::unique_ptr<Connection> Connect() {
    absl::StatusOr<std::unique_ptr<Connection>> connection = server_->driver().Connect(server_->options());
    if (!connection.ok()) ADD_FAILURE() << connection.status();
    return connection.ok() ? *std::move(connection) : nullptr;
  }

  std::unique_ptr<ContractServer> server_;
};

}  // namespace bonnie::data_access
