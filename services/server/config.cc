#include "services/server/config.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>

#include <cmath>
#include <filesystem>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "bonnie/config/v1/config.pb.h"
#include "services/data_access/status_macros.h"
#include "services/server/config_checks.h"
#include "services/server/config_rules.h"
#include "services/server/file_stamp.h"

namespace bonnie::server {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::TextFormat;

constexpr char kDurationType[] = "google.protobuf.Duration";

bool IsDuration(const FieldDescriptor& field) {
  return field.message_type() != nullptr && field.message_type()->full_name() == kDurationType;
}

const ConfigRule* RuleOfField(const FieldDescriptor& field) {
  return RuleOf(absl::StrCat(field.containing_type()->name(), ".", field.name()));
}

bool IsSet(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  return field.is_repeated() ? reflection.FieldSize(message, &field) > 0 : reflection.HasField(message, &field);
}

void SetDefault(Message& message, const FieldDescriptor& field, const ConfigRule& rule) {
  const Reflection& reflection = *message.GetReflection();
  if (rule.want == Want::kLogLevel) return reflection.SetString(&message, &field, "info");
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection.SetInt32(&message, &field, static_cast<std::int32_t>(rule.initial));
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection.SetInt64(&message, &field, static_cast<std::int64_t>(rule.initial));
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      Message* made = reflection.MutableMessage(&message, &field);
      if (!IsDuration(field)) return;
      auto* duration = static_cast<google::protobuf::Duration*>(made);
      duration->set_seconds(static_cast<std::int64_t>(rule.initial));
      duration->set_nanos(static_cast<int>(std::lround((rule.initial - std::floor(rule.initial)) * 1e9)));
      return;
    }
    default:
      return;
  }
}

// Calls visit(nested message, field, index or -1) for each message within `message` that is not a duration.
template <class Visit>
void ForEachNested(Message& message, Visit visit) {
  const Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    if (field.message_type() == nullptr || IsDuration(field) || !IsSet(message, field)) continue;
    if (!field.is_repeated()) {
      visit(*reflection.MutableMessage(&message, &field), field, -1);
      continue;
    }
    for (int k = 0; k < reflection.FieldSize(message, &field); ++k) {
      visit(*reflection.MutableRepeatedMessage(&message, &field, k), field, k);
    }
  }
}

using ParseTree = TextFormat::ParseInfoTree;

// "line:column" of a field; `otherwise` where the text does not have it.
std::string PlaceOf(const ParseTree* tree, const FieldDescriptor& field, int index, const std::string& otherwise) {
  if (tree == nullptr) return otherwise;
  const TextFormat::ParseLocation at = tree->GetLocation(&field, index);
  return at.line < 0 ? otherwise : absl::StrCat(at.line + 1, ":", at.column + 1);
}

// "tls." or "peers[2].": a nested message's part of the path to its fields.
std::string NestedPrefix(const FieldDescriptor& field, int index) {
  return index < 0 ? absl::StrCat(field.name(), ".") : absl::StrCat(field.name(), "[", index, "].");
}

// Walks a configuration that was parsed, checks it against the rules, and gathers everything that is wrong.
class Checker {
 public:
  Checker(std::string file, const ParseTree* tree, ConfigCheck check)
      : file_(std::move(file)), root_(tree), check_(check) {}

  absl::Status Check(Message& config) {
    Walk(config, root_, "", "1:1");
    if (errors_.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrJoin(errors_, "\n"));
  }

 private:
  void Fail(const std::string& place, const std::string& path, const std::string& what) {
    if (root_ == nullptr) {  // made in code: there is no place
      errors_.push_back(absl::StrCat(path, ": ", what));
    } else {
      errors_.push_back(absl::StrCat(file_, ":", place, ": ", path, ": ", what));
    }
  }

  void Walk(Message& message, const ParseTree* tree, const std::string& prefix, const std::string& place) {
    for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
      const FieldDescriptor& field = *message.GetDescriptor()->field(i);
      const ConfigRule* rule = RuleOfField(field);
      if (rule == nullptr) continue;
      if (!IsSet(message, field)) {
        if (rule->presence == Presence::kRequired) Fail(place, absl::StrCat(prefix, field.name()), "missing");
        continue;
      }
      CheckField(message, field, *rule, tree, absl::StrCat(prefix, field.name()), place);
    }
    ForEachNested(message, [&](Message& nested, const FieldDescriptor& field, int index) {
      const ParseTree* below = tree == nullptr ? nullptr : tree->GetTreeForNested(&field, index);
      Walk(nested, below, absl::StrCat(prefix, NestedPrefix(field, index)), PlaceOf(tree, field, index, place));
    });
    std::vector<ConfigFault> faults = CheckTogether(message);
    if (check_ != nullptr) absl::c_move(check_(message), std::back_inserter(faults));
    for (const ConfigFault& fault : faults) {
      const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(fault.field);
      const std::string at = field == nullptr ? place : PlaceOf(tree, *field, fault.index, place);
      Fail(at, absl::StrCat(prefix, fault.field), fault.what);
    }
  }

  void CheckField(Message& message, const FieldDescriptor& field, const ConfigRule& rule, const ParseTree* tree,
                  const std::string& path, const std::string& place) {
    const Reflection& reflection = *message.GetReflection();
    if (field.is_repeated()) {
      if (field.cpp_type() != FieldDescriptor::CPPTYPE_STRING) return;
      for (int k = 0; k < reflection.FieldSize(message, &field); ++k) {
        const std::string fault = FaultOfText(rule, reflection.GetRepeatedString(message, &field, k));
        if (!fault.empty()) Fail(PlaceOf(tree, field, k, place), path, fault);
      }
      return;
    }
    std::string fault;
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      fault = FaultOfText(rule, reflection.GetString(message, &field));
    } else if (IsDuration(field)) {
      fault = FaultOfDuration(
          rule, ToDuration(static_cast<const google::protobuf::Duration&>(reflection.GetMessage(message, &field))));
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT32) {
      fault = FaultOfNumber(rule, reflection.GetInt32(message, &field));
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
      fault = FaultOfNumber(rule, static_cast<double>(reflection.GetInt64(message, &field)));
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) {
      fault = FaultOfNumber(rule, reflection.GetDouble(message, &field));
    }
    if (!fault.empty()) Fail(PlaceOf(tree, field, -1, place), path, fault);
  }

  const std::string file_;
  const ParseTree* const root_;
  const ConfigCheck check_;
  std::vector<std::string> errors_;
};

// Gathers the parser's complaints as file:line:column; of an unknown field it adds the known ones.
class ParserErrors : public google::protobuf::io::ErrorCollector {
 public:
  ParserErrors(std::string file, const std::string& text, const google::protobuf::FileDescriptor& schema)
      : file_(std::move(file)), lines_(absl::StrSplit(text, '\n')), schema_(schema) {}

  void AddError(int line, google::protobuf::io::ColumnNumber column, const std::string& message) override {
    // Message type "bonnie.config.v1.Server" has no field named "adress".
    const std::vector<std::string> parts = absl::StrSplit(message, '"');
    std::string hint;
    if (parts.size() == 5 && parts[2] == " has no field named ") {
      const auto* type = schema_.pool()->FindMessageTypeByName(parts[1]);
      std::vector<std::string> names;
      for (int i = 0; type != nullptr && i < type->field_count(); ++i) names.push_back(type->field(i)->name());
      hint = absl::StrCat(" Want one of: ", absl::StrJoin(names, ", "), ".");
      column = ColumnOf(parts[3], line, column);
    }
    errors_.push_back(absl::StrCat(file_, ":", line + 1, ":", column + 1, ": ", message, hint));
  }
  absl::Status status() const { return absl::InvalidArgumentError(absl::StrJoin(errors_, "\n")); }

 private:
  // The parser points behind an unknown field's name.
  int ColumnOf(const std::string& name, int line, int column) const {
    if (line < 0 || line >= static_cast<int>(lines_.size())) return column;
    const std::size_t found = lines_[static_cast<std::size_t>(line)].rfind(name, static_cast<std::size_t>(column));
    return found == std::string::npos ? column : static_cast<int>(found);
  }

  const std::string file_;
  const std::vector<std::string> lines_;
  const google::protobuf::FileDescriptor& schema_;
  std::vector<std::string> errors_;
};

void MakePathsAbsolute(Message& message, const std::filesystem::path& folder) {
  const Reflection& reflection = *message.GetReflection();
  const auto absolute = [&](const std::string& path) {
    return path.empty() ? path : (folder / path).lexically_normal().string();
  };
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    const ConfigRule* rule = RuleOfField(field);
    if (rule == nullptr || !IsPath(rule->want) || !IsSet(message, field)) continue;
    if (!field.is_repeated()) {
      reflection.SetString(&message, &field, absolute(reflection.GetString(message, &field)));
      continue;
    }
    for (int k = 0; k < reflection.FieldSize(message, &field); ++k) {
      reflection.SetRepeatedString(&message, &field, k, absolute(reflection.GetRepeatedString(message, &field, k)));
    }
  }
  ForEachNested(message, [&](Message& nested, const FieldDescriptor&, int) { MakePathsAbsolute(nested, folder); });
}

// Gathers what CheckNamedFiles looks at; paths are absolute already.
void GatherFiles(Message& message, const ParseTree* tree, const std::string& file, const std::string& prefix,
                 std::vector<NamedFile>* files) {
  const Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    const ConfigRule* rule = RuleOfField(field);
    if (rule == nullptr || rule->want == Want::kPath || !IsPath(rule->want) || !IsSet(message, field)) continue;
    const int count = field.is_repeated() ? reflection.FieldSize(message, &field) : 1;
    for (int k = 0; k < count; ++k) {
      const int index = field.is_repeated() ? k : -1;
      files->push_back({absl::StrCat(file, ":", PlaceOf(tree, field, index, "1:1"), ": ", prefix, field.name()),
                        field.is_repeated() ? reflection.GetRepeatedString(message, &field, k)
                                            : reflection.GetString(message, &field),
                        rule->want});
    }
  }
  ForEachNested(message, [&](Message& nested, const FieldDescriptor& field, int index) {
    GatherFiles(nested, tree == nullptr ? nullptr : tree->GetTreeForNested(&field, index), file,
                absl::StrCat(prefix, NestedPrefix(field, index)), files);
  });
}

absl::Status CheckNamedFile(const NamedFile& file) {
  std::error_code error;
  switch (file.want) {
    case Want::kFolder:
      if (std::filesystem::is_directory(file.path, error)) return absl::OkStatus();
      return absl::FailedPreconditionError(absl::StrCat(file.path, ": is not a folder that can be read"));
    case Want::kSecretFile:
      return ReadFile(file.path, FileAccess::kNothing).status();
    default:
      return ReadFile(file.path, FileAccess::kRead).status();
  }
}

// A schema service works alone on its connections: lease, DDL, reads.
constexpr int kSchemaSessions = 3;

}  // namespace

void SetDefaults(Message* config) {
  if (config->GetDescriptor() == config::v1::SchemaConfig::descriptor()) {
    auto* schema = static_cast<config::v1::SchemaConfig*>(config);
    if (schema->database().pool().max_sessions() == 0) {
      schema->mutable_database()->mutable_pool()->set_max_sessions(kSchemaSessions);
    }
    if (schema->peers_size() > 0 && schema->peer_ca_file().empty()) {  // one private PKI for the fleet
      schema->set_peer_ca_file(schema->server().tls().client_ca_file());
    }
  }
  for (int i = 0; i < config->GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *config->GetDescriptor()->field(i);
    const ConfigRule* rule = RuleOfField(field);
    if (rule != nullptr && rule->presence == Presence::kDefaulted && !IsSet(*config, field)) {
      SetDefault(*config, field, *rule);
    }
  }
  ForEachNested(*config, [](Message& nested, const FieldDescriptor&, int) { SetDefaults(&nested); });
}

absl::Status CheckConfig(const Message& config) {
  const std::unique_ptr<Message> copy(config.New());
  copy->CopyFrom(config);
  return Checker("", nullptr, nullptr).Check(*copy);
}

absl::Status ParseConfig(const std::string& text, const std::string& file, Message* config, ConfigCheck check,
                         std::vector<NamedFile>* files) {
  ParserErrors errors(file, text, *config->GetDescriptor()->file());
  TextFormat::ParseInfoTree tree;
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  parser.WriteLocationsTo(&tree);
  if (!parser.ParseFromString(text, config)) return errors.status();
  BONNIE_RETURN_IF_ERROR(Checker(file, &tree, check).Check(*config));
  std::error_code ignored;  // an unknown current folder leaves the path as it is
  const std::filesystem::path absolute = std::filesystem::absolute(file, ignored);
  MakePathsAbsolute(*config, absolute.parent_path());
  if (files != nullptr) GatherFiles(*config, &tree, file, "", files);
  SetDefaults(config);
  return absl::OkStatus();
}

absl::Status LoadConfig(const std::string& file, Message* config, ConfigCheck check, std::vector<NamedFile>* files) {
  BONNIE_ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
  return ParseConfig(text, file, config, check, files);
}

absl::Status CheckNamedFiles(const std::vector<NamedFile>& files) {
  std::vector<std::string> errors;
  for (const NamedFile& file : files) {
    const absl::Status status = CheckNamedFile(file);
    if (!status.ok()) errors.push_back(absl::StrCat(file.place, ": ", status.message()));
  }
  if (errors.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrJoin(errors, "\n"));
}

absl::Duration ToDuration(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

}  // namespace bonnie::server
