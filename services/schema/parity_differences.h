#ifndef BONNIE_SERVICES_SCHEMA_PARITY_DIFFERENCES_H_
#define BONNIE_SERVICES_SCHEMA_PARITY_DIFFERENCES_H_

#include <set>
#include <string>
#include <vector>

#include "bonnie/schema/v1/parity.pb.h"
#include "services/schema/parity.h"

namespace bonnie::schema {

// How one site has something that is compared.
struct ParityCell {
  bool counts = true;  // false: it has not what this belongs to, and is left out
  bool present = false;
  std::string group;  // equal where it means the same
  std::string text;
};

// Takes what is compared, one thing after the other, and writes down what differs. Used by one thread at a time.
class ParityDifferences {
 public:
  // Both outlive it. `sites`: those that answered.
  ParityDifferences(const std::vector<const SiteFacts*>& sites, v1::CheckParityResponse* response)
      : sites_(sites), response_(*response) {}

  // `cells`: one for each site. Nothing is written when all that count are in one group.
  void Compare(v1::ParityAspect aspect, const std::string& table, const std::string& object,
               const std::vector<ParityCell>& cells, const std::string& note = "");

  // Sites that a majority stands against, in some difference.
  const std::set<std::string>& odd_sites() const { return odd_sites_; }
  // Differences of schemas, and all, those left out included.
  int schema_differences() const { return schema_differences_; }
  int differences() const { return differences_; }

 private:
  const std::vector<const SiteFacts*>& sites_;
  v1::CheckParityResponse& response_;
  std::set<std::string> odd_sites_;
  int schema_differences_ = 0, differences_ = 0;
  size_t bytes_ = 0;
};

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_PARITY_DIFFERENCES_H_
