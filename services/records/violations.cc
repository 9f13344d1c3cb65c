#include "services/records/violations.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace bonnie::records {
namespace {

constexpr std::size_t kMaxDetailed = 20;

}  // namespace

void Violations::Add(std::string field, std::string rule) {
  violations_.push_back({std::move(field), std::move(rule)});
}

absl::Status Violations::status() const {
  if (violations_.empty()) return absl::OkStatus();
  std::string message = absl::StrCat(violations_[0].field, ": ", violations_[0].description);
  if (violations_.size() > 1) absl::StrAppend(&message, " (and ", violations_.size() - 1, " more)");
  server::ErrorDetails details;
  details.reason = "INVALID_REQUEST";
  details.violations.assign(violations_.begin(), violations_.begin() + static_cast<std::ptrdiff_t>(
                                                                           std::min(violations_.size(), kMaxDetailed)));
  return server::Error(absl::StatusCode::kInvalidArgument, message, std::move(details));
}

}  // namespace bonnie::records
