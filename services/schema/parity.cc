#include "services/schema/parity.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/schema/inspect.h"
#include "services/schema/not_portable.h"
#include "services/schema/parity_differences.h"
#include "services/schema/portable_diff.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

using Kind = PortablePart::Kind;
using Sites = std::vector<const SiteFacts*>;
using PartMap = std::map<std::string, PortablePart>;

// What a server without the variable does.
struct Shaping {
  const char* variable;
  const char* without;  // null: there is nothing to compare with
};
constexpr Shaping kShaping[] = {
    {"sql_mode", nullptr},
    {"lower_case_table_names", nullptr},
    {"character_set_server", nullptr},
    {"collation_server", nullptr},
    {"explicit_defaults_for_timestamp", nullptr},
    {"foreign_key_checks", nullptr},
    {"default_storage_engine", nullptr},
    {"innodb_default_row_format", nullptr},
    {"innodb_strict_mode", nullptr},
    {"sql_generate_invisible_primary_key", "OFF"},
    {"sql_require_primary_key", "OFF"},
    {"restrict_fk_on_non_standard_key", "OFF"},
    {"default_table_encryption", "OFF"},
};

// Modes that change what a query or a row may be, and no table.
bool ShapesTables(absl::string_view mode) {
  return mode != "ONLY_FULL_GROUP_BY" && mode != "NO_AUTO_CREATE_USER" && mode != "ERROR_FOR_DIVISION_BY_ZERO" &&
         mode != "NO_AUTO_VALUE_ON_ZERO" && !mode.empty();
}

std::string PlainValue(absl::string_view variable, const std::string& value) {
  if (variable != "sql_mode") return value == "1" ? "ON" : value == "0" ? "OFF" : absl::AsciiStrToUpper(value);
  std::vector<std::string> modes = absl::StrSplit(absl::AsciiStrToUpper(value), ',');
  std::erase_if(modes, [](const std::string& mode) { return !ShapesTables(mode); });
  // Strict for transactional tables is strict for InnoDB.
  for (std::string& mode : modes) {
    if (mode == "STRICT_ALL_TABLES") mode = "STRICT_TRANS_TABLES";
  }
  std::sort(modes.begin(), modes.end());
  modes.erase(std::unique(modes.begin(), modes.end()), modes.end());
  return absl::StrJoin(modes, ",");
}

void CompareSettings(const Sites& sites, ParityDifferences* differences) {
  const auto compare = [&](v1::ParityAspect aspect, const std::string& object, auto text_of) {
    std::vector<ParityCell> cells;
    for (const SiteFacts* site : sites) {
      const std::string text = text_of(*site);
      cells.push_back({true, true, text, text});
    }
    differences->Compare(aspect, "", object, cells);
  };
  compare(v1::PARITY_ASPECT_APPLIED_REVISIONS, "", [](const SiteFacts& site) {
    return site.check.current_revisions().empty() ? "base" : absl::StrJoin(site.check.current_revisions(), ", ");
  });
  compare(v1::PARITY_ASPECT_FOLDER, "", [](const SiteFacts& site) {
    return absl::StrCat(site.folder_hash, ", heads ", absl::StrJoin(site.folder_heads, ", "));
  });
  for (const Shaping& shaping : kShaping) {
    std::vector<ParityCell> cells;
    for (const SiteFacts* site : sites) {
      const auto found = site->check.variables().find(shaping.variable);
      const bool has = found != site->check.variables().end();
      const std::string value = has ? found->second : shaping.without != nullptr ? shaping.without : "";
      cells.push_back({has || shaping.without != nullptr, true, PlainValue(shaping.variable, value),
                       has ? value : absl::StrCat(value, " (there is no such variable)")});
    }
    differences->Compare(v1::PARITY_ASPECT_VARIABLE, "", shaping.variable, cells);
  }
  compare(v1::PARITY_ASPECT_DATABASE_DEFAULT, "",
          [](const SiteFacts& site) { return absl::StrCat(site.schema.charset, ", ", site.schema.collation); });
}

v1::ParityAspect AspectOf(Kind kind) {
  return static_cast<v1::ParityAspect>(v1::PARITY_ASPECT_TABLE + static_cast<int>(kind));
}
static_assert(v1::PARITY_ASPECT_TABLE + static_cast<int>(Kind::kObject) == v1::PARITY_ASPECT_OBJECT);
static_assert(v1::PARITY_ASPECT_TABLE + static_cast<int>(Kind::kCheck) == v1::PARITY_ASPECT_CHECK);

std::string Variable(const SiteFacts& site, const char* name) {
  const auto found = site.check.variables().find(name);
  return found == site.check.variables().end() ? "not there" : found->second;
}

std::string Values(const Sites& sites, const char* variable) {
  return absl::StrCat(variable, " is ", absl::StrJoin(sites, ", ", [&](std::string* text, const SiteFacts* site) {
                        absl::StrAppend(text, Variable(*site, variable), " on ", site->site);
                      }));
}

// Compares the parts of all schemas, key by key.
class SchemaComparison {
 public:
  SchemaComparison(const Sites& sites, ParityDifferences* differences) : sites_(sites), differences_(*differences) {
    for (const SiteFacts* site : sites) {
      parts_.push_back(PartsByKey(site->schema));
      for (const auto& [key, part] : parts_.back()) keys_.insert(key);
    }
  }

  void Compare() {
    for (const std::string& key : keys_) CompareKey(key);
  }

 private:
  void CompareKey(const std::string& key) {
    std::vector<const PortablePart*> found;
    const PortablePart* one = nullptr;
    for (const PartMap& parts : parts_) {
      const auto part = parts.find(key);
      found.push_back(part == parts.end() ? nullptr : &part->second);
      if (found.back() != nullptr && one == nullptr) one = found.back();
    }
    std::vector<ParityCell> cells;
    for (size_t i = 0; i < found.size(); ++i) {
      ParityCell cell;
      cell.present = found[i] != nullptr;
      if (cell.present) cell.text = found[i]->text;
      if (cell.present) cell.group = found[i]->plain;
      // A table that is not there is one difference, not one for each of its columns.
      cell.counts = cell.present || one->kind == Kind::kTable || one->table.empty() || HasTable(i, *one);
      cells.push_back(std::move(cell));
    }
    if (one->kind == Kind::kColumnOrder && !HaveTheSameColumns(found)) return;
    if (AreOneGroup(cells)) AskTexts(found, &cells);
    differences_.Compare(AspectOf(one->kind), one->table, one->kind == Kind::kTable ? "" : one->name, cells,
                         NoteOn(*one, found));
  }

  bool HasTable(size_t site, const PortablePart& part) const {
    PortablePart table = part;
    table.kind = Kind::kTable;
    table.name.clear();
    return parts_[site].count(table.Key()) > 0;
  }

  static bool HaveTheSameColumns(const std::vector<const PortablePart*>& orders) {
    std::set<std::set<std::string>> sets;
    for (const PortablePart* order : orders) {
      if (order != nullptr) sets.insert(std::set<std::string>(absl::StrSplit(order->plain, ',')));
    }
    return sets.size() < 2;
  }

  static bool AreOneGroup(const std::vector<ParityCell>& cells) {
    std::set<std::pair<bool, std::string>> groups;
    for (const ParityCell& cell : cells) {
      if (cell.counts) groups.emplace(cell.present, cell.group);
    }
    return groups.size() < 2;
  }

  // They mean the same by what all servers have in common; those of one release series can be compared exactly. Each
  // site goes with the first of its series.
  void AskTexts(const std::vector<const PortablePart*>& found, std::vector<ParityCell>* cells) const {
    std::set<std::string> texts;
    for (size_t i = 0; i < found.size(); ++i) {
      if (found[i] == nullptr || found[i]->text.empty()) continue;
      for (size_t k = 0; k < i; ++k) {
        if (found[k] == nullptr || found[k]->text.empty()) continue;
        if (!AreOfOneSeries(sites_[i]->schema, sites_[k]->schema)) continue;
        if (ExactText(*found[i]) != ExactText(*found[k])) return GroupByText(found, cells);
      }
    }
  }

  static void GroupByText(const std::vector<const PortablePart*>& found, std::vector<ParityCell>* cells) {
    for (size_t i = 0; i < found.size(); ++i) {
      if (found[i] != nullptr) (*cells)[i].group = ExactText(*found[i]);
    }
  }

  std::string NoteOn(const PortablePart& one, const std::vector<const PortablePart*>& found) const {
    if (one.kind == Kind::kTable && std::count(found.begin(), found.end(), nullptr) == 0) {
      return Values(sites_, "lower_case_table_names");
    }
    if (one.kind != Kind::kColumn && one.kind != Kind::kIndex) return "";
    for (size_t i = 0; i < found.size(); ++i) {
      if (found[i] == nullptr) continue;
      const auto table = sites_[i]->schema.tables.find(found[i]->table);
      if (table == sites_[i]->schema.tables.end() || !HasGeneratedKey(table->second)) continue;
      if (one.name == kGeneratedKeyColumn || one.name == "PRIMARY") {
        return absl::StrCat("the server of ", sites_[i]->site, " made a primary key of its own; ",
                            Values(sites_, "sql_generate_invisible_primary_key"));
      }
    }
    return "";
  }

  const Sites& sites_;
  ParityDifferences& differences_;
  std::vector<PartMap> parts_;  // as sites_
  std::set<std::string> keys_;
};

v1::SiteParity RowOf(const SiteFacts& facts) {
  v1::SiteParity row;
  row.set_site(facts.site);
  row.set_answered(facts.status.ok());
  if (!facts.status.ok()) {
    row.set_error(std::string(facts.status.message()));
    const auto details = server::DetailsOf(facts.status);
    row.set_error_reason(details.has_value() ? details->reason : absl::StatusCodeToString(facts.status.code()));
    return row;
  }
  row.set_server_flavour(facts.check.server_flavour());
  row.set_server_version(facts.check.server_version());
  row.set_service_version(facts.check.service_version());
  row.set_portable_fingerprint(PortableFingerprint(facts.schema));
  *row.mutable_applied_revisions() = facts.check.current_revisions();
  row.mutable_folder_heads()->Assign(facts.folder_heads.begin(), facts.folder_heads.end());
  row.set_folder_hash(facts.folder_hash);
  *row.mutable_variables() = facts.check.variables();
  row.set_database_charset(facts.schema.charset);
  row.set_database_collation(facts.schema.collation);
  row.set_tables(static_cast<int>(facts.schema.tables.size()));
  return row;
}

void AddUnsupported(const Sites& sites, v1::CheckParityResponse* response) {
  for (const SiteFacts* site : sites) {
    for (const Unsupported& part : site->schema.unsupported) {
      v1::UnsupportedPart* added = response->add_unsupported();
      added->set_object(part.object);
      added->set_attribute(part.attribute);
      added->set_reason(absl::StrCat("on ", site->site, ": ", part.reason));
    }
  }
}

std::string Verdict(const v1::CheckParityResponse& response, const Sites& answered, int schema_differences,
                    int differences) {
  std::vector<std::string> parts;
  const auto count = [](int number, const char* one, const char* many) {
    return absl::StrCat(number, " ", number == 1 ? one : many);
  };
  const std::string names = absl::StrJoin(
      answered, ", ", [](std::string* text, const SiteFacts* site) { absl::StrAppend(text, site->site); });
  if (answered.size() < 2) {
    parts.push_back(
        absl::StrCat("nothing to compare: ", count(static_cast<int>(answered.size()), "site", "sites"), " answered"));
  } else if (differences == 0) {
    parts.push_back(absl::StrCat(names, " are in parity"));
  } else {
    parts.push_back(schema_differences == 0 ? absl::StrCat(names, " have the same schema")
                                            : absl::StrCat("the schemas of ", names, " differ in ",
                                                           count(schema_differences, "part", "parts")));
    const int others = differences - schema_differences;
    if (others > 0) parts.push_back(absl::StrCat(count(others, "other difference", "other differences")));
    if (!response.odd_sites().empty()) {
      parts.push_back(absl::StrCat("the odd one out: ", absl::StrJoin(response.odd_sites(), ", ")));
    } else if (answered.size() == 2) {
      parts.push_back("two sites have no majority");
    }
  }
  for (const v1::SiteParity& site : response.sites()) {
    if (!site.answered()) parts.push_back(absl::StrCat(site.site(), " did not answer"));
  }
  return absl::StrJoin(parts, "; ");
}

}  // namespace

v1::CheckParityResponse CompareSites(const std::vector<SiteFacts>& sites) {
  v1::CheckParityResponse response;
  Sites answered;
  for (const SiteFacts& site : sites) {
    *response.add_sites() = RowOf(site);
    if (site.status.ok()) answered.push_back(&site);
  }
  ParityDifferences differences(answered, &response);
  CompareSettings(answered, &differences);
  SchemaComparison(answered, &differences).Compare();
  for (const std::string& site : differences.odd_sites()) response.add_odd_sites(site);
  AddNotPortable(answered, &response);
  AddUnsupported(answered, &response);
  const bool all = answered.size() == sites.size();
  response.set_same_schema(all && differences.schema_differences() == 0);
  response.set_same(all && differences.differences() == 0);
  response.set_verdict(Verdict(response, answered, differences.schema_differences(), differences.differences()));
  return response;
}

}  // namespace bonnie::schema
