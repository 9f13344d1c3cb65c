#include "tests/support/fake_driver.h"

#include "tests/contract/driver_contract.h"

namespace bonnie::data_access {
namespace {

class FakeServer final : public ContractServer {
 public:
  Driver& driver() override { return driver_; }
  ConnectOptions options() const override { return ConnectOptions{}; }

 private:
  FakeDriver driver_;
};

std::unique_ptr<ContractServer> MakeFakeServer() { return std::make_unique<FakeServer>(); }

INSTANTIATE_TEST_SUITE_P(Fake, DriverContract, testing::Values(&MakeFakeServer));

}  // namespace
}  // namespace bonnie::data_access
