#include "clients/cli/write_options.h"

#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cli/field_text.h"

namespace bonnie::cli {

void AddEtagOption(CLI::App& verb, std::string& etag) {
  verb.add_option("--etag", etag, "Only if this is still its version; default: whatever its version is")
      ->type_name("ETAG");
}

CLI::Option* AddDateOption(CLI::App& verb, const std::string& name, const std::string& description,
                           std::function<void(const type::v1::Date&)> set) {
  const auto parse = [name, set = std::move(set)](const std::string& text) {
    absl::StatusOr<type::v1::Date> date = ParseDate(text);
    if (!date.ok()) throw CLI::ValidationError(name, std::string(date.status().message()));
    set(*date);
  };
  return verb.add_option_function<std::string>(name, parse, description)->type_name("YYYY-MM-DD");
}

absl::Status SetMask(const google::protobuf::Message& resource, const std::vector<std::string>& clear,
                     google::protobuf::FieldMask& mask) {
  static const std::set<std::string> kNotUpdated = {"id", "patient_id", "etag", "source_key"};
  std::vector<const google::protobuf::FieldDescriptor*> populated;
  resource.GetReflection()->ListFields(resource, &populated);
  for (const auto* field : populated) {
    if (kNotUpdated.count(field->name()) == 0) mask.add_paths(field->name());
  }
  for (const std::string& path : clear) {
    if (std::count(mask.paths().begin(), mask.paths().end(), path) > 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("--clear: ", path, ", want it emptied or given a value, not both"));
    }
  }
  for (const std::string& path : clear) mask.add_paths(path);
  return mask.paths().empty() ? absl::InvalidArgumentError("no field to change is given") : absl::OkStatus();
}

}  // namespace bonnie::cli
