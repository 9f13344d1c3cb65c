#include "services/data_access/fault.h"

#include <string>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace bonnie::data_access {
namespace {

constexpr char kPayload[] = "bonnie.data_access.Fault";

int ToInt(absl::string_view text) {
  int value = 0;
  return absl::SimpleAtoi(text, &value) ? value : 0;
}

}  // namespace

// The payload is a line of fields: it lives within this process only.
absl::Status FaultStatus(absl::StatusCode code, absl::string_view message, const Fault& fault) {
  absl::Status status(code, message);
  status.SetPayload(
      kPayload,
      absl::Cord(absl::StrCat(fault.number, "\n", static_cast<int>(fault.effect), "\n", static_cast<int>(fault.fate),
                              "\n", fault.retry_transaction ? 1 : 0, "\n", fault.alarm ? 1 : 0, "\n",
                              static_cast<int>(fault.caller_code), "\n", fault.reason, "\n", fault.constraint, "\n",
                              fault.column, "\n", absl::StrReplaceAll(fault.words, {{"\n", " "}}))));
  return status;
}

absl::optional<Fault> FaultOf(const absl::Status& status) {
  if (status.ok()) return absl::nullopt;
  const absl::optional<absl::Cord> payload = status.GetPayload(kPayload);
  if (!payload.has_value()) return absl::nullopt;
  const std::vector<std::string> fields = absl::StrSplit(std::string(*payload), '\n');
  if (fields.size() != 10) return absl::nullopt;
  Fault fault;
  fault.number = ToInt(fields[0]);
  fault.effect = static_cast<Effect>(ToInt(fields[1]));
  fault.fate = static_cast<SessionFate>(ToInt(fields[2]));
  fault.retry_transaction = fields[3] == "1";
  fault.alarm = fields[4] == "1";
  fault.caller_code = static_cast<absl::StatusCode>(ToInt(fields[5]));
  fault.reason = fields[6];
  fault.constraint = fields[7];
  fault.column = fields[8];
  fault.words = fields[9];
  return fault;
}

absl::Status OverloadedError(absl::string_view message) {
  Fault fault;
  fault.caller_code = absl::StatusCode::kUnavailable;
  fault.reason = "OVERLOADED";
  return FaultStatus(absl::StatusCode::kUnavailable, message, fault);
}

absl::Status WithEffect(const absl::Status& status, Effect effect) {
  absl::optional<Fault> fault = FaultOf(status);
  if (!fault.has_value() || fault->effect == effect) return status;
  fault->effect = effect;
  return FaultStatus(status.code(), status.message(), *fault);
}

}  // namespace bonnie::data_access
