#include "services/schema/not_portable.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/data_access/error_table.h"

namespace bonnie::schema {

namespace {

using data_access::Flavour;

// "10.11.19-MariaDB" as 10'011.
int Release(const Schema& schema) {
  const std::vector<std::string> parts = absl::StrSplit(schema.server_version, '.');
  int major = 0, minor = 0;
  if (parts.size() < 2 || !absl::SimpleAtoi(parts[0], &major) || !absl::SimpleAtoi(parts[1], &minor)) return 0;
  return major * 1000 + minor;
}

// Which servers have a feature: from a release of a flavour on; kNever for none.
constexpr int kNever = 1'000'000;
struct Since {
  int mysql, mariadb;
};
bool Has(const Schema& schema, Since since) {
  return Release(schema) >= (schema.flavour == Flavour::kMySql ? since.mysql : since.mariadb);
}

struct TypeRule {
  const char* type;
  Since since;
};
constexpr TypeRule kTypes[] = {
    {"uuid", {kNever, 10'007}},  {"inet4", {kNever, 10'010}},   {"inet6", {kNever, 10'005}},
    {"vector", {9'000, 11'007}}, {"xmltype", {kNever, 12'003}},
};

// From where on a server knows a collation; nullopt-like {0, 0} for what all have.
Since CollationSince(absl::string_view name) {
  if (absl::StrContains(name, "uca1400")) return {kNever, 10'010};
  if (absl::StrContains(name, "_nopad_")) return {kNever, 10'002};
  if (absl::StrContains(name, "_0900_")) return {8'000, kNever};
  return {0, 0};
}

// Walks one site's schema and asks of each feature who else lacks it.
class Walk {
 public:
  Walk(const SiteFacts& site, const std::vector<const SiteFacts*>& sites, v1::CheckParityResponse* response)
      : site_(site), sites_(sites), response_(*response) {}

  void Do() {
    for (const auto& [name, table] : site_.schema.tables) DoTable(table);
    for (const Unsupported& part : site_.schema.unsupported) {
      if (absl::StrContains(part.reason, "sequence")) Ask(part.object, part.attribute, "a sequence", {kNever, 10'003});
    }
  }

 private:
  void Ask(const std::string& table, const std::string& object, const std::string& feature, Since since) {
    std::vector<std::string> lacking;
    for (const SiteFacts* other : sites_) {
      if (!Has(other->schema, since)) lacking.push_back(other->site);
    }
    Add(table, object, feature, lacking);
  }

  void Add(const std::string& table, const std::string& object, const std::string& feature,
           const std::vector<std::string>& lacking) {
    if (lacking.empty() || response_.not_portable_size() >= kMaxParts) return;
    v1::NotPortablePart* part = response_.add_not_portable();
    part->set_site(site_.site);
    part->set_table(table);
    part->set_object(object);
    part->set_feature(feature);
    part->mutable_lacking_sites()->Assign(lacking.begin(), lacking.end());
  }

  void DoTable(const Table& table) {
    if (HasGeneratedKey(table)) {
      Add(table.name, absl::StrCat("column ", kGeneratedKeyColumn),
          "a primary key that the server made by itself: the same statement makes none elsewhere; write one",
          WithoutGeneratedKey(table.name));
    }
    for (const Column& column : table.columns) DoColumn(table.name, column);
    for (const Index& index : table.indexes) DoIndex(table.name, index);
    for (const Check& check : table.checks) {
      if (!check.enforced) Ask(table.name, absl::StrCat("check ", check.name), "NOT ENFORCED", {8'000, kNever});
    }
    if (!table.periods.empty()) Ask(table.name, "", "periods", {kNever, 10'004});
    if (absl::StrContains(absl::AsciiStrToUpper(table.create_statement), "WITH SYSTEM VERSIONING")) {
      Ask(table.name, "", "system versioning", {kNever, 10'003});
    }
    if (absl::StrContains(absl::AsciiStrToUpper(table.partitioning), "SYSTEM_TIME")) {
      Ask(table.name, "partitioning", "partitions by SYSTEM_TIME", {kNever, 10'003});
    }
    const std::string collation = table.option("COLLATE");
    Ask(table.name, "", absl::StrCat("collation ", collation), CollationSince(collation));
    const std::string engine = absl::AsciiStrToLower(table.option("ENGINE"));
    if (engine == "aria" || engine == "rocksdb" || engine == "columnstore" || engine == "sequence") {
      Ask(table.name, "", absl::StrCat("engine ", table.option("ENGINE")), {kNever, 0});
    }
    if (engine == "ndb" || engine == "ndbcluster") Ask(table.name, "", "engine ndb", {0, kNever});
  }

  std::vector<std::string> WithoutGeneratedKey(const std::string& table) const {
    std::vector<std::string> lacking;
    for (const SiteFacts* other : sites_) {
      const auto found = other->schema.tables.find(table);
      if (found == other->schema.tables.end() || !HasGeneratedKey(found->second)) lacking.push_back(other->site);
    }
    return lacking;
  }

  void DoColumn(const std::string& table, const Column& column) {
    const std::string object = absl::StrCat("column ", column.name);
    const std::string type = column.type.substr(0, column.type.find_first_of("( "));
    for (const TypeRule& rule : kTypes) {
      if (absl::EqualsIgnoreCase(type, rule.type)) Ask(table, object, absl::StrCat("type ", type), rule.since);
    }
    Ask(table, object, absl::StrCat("collation ", column.collation), CollationSince(column.collation));
    const std::string definition = absl::AsciiStrToUpper(column.definition);
    if (absl::StrContains(definition, " SRID ")) Ask(table, object, "SRID", {8'000, kNever});
    if (absl::StrContains(definition, "REF_SYSTEM_ID")) Ask(table, object, "REF_SYSTEM_ID", {kNever, 10'001});
    if (absl::StrContains(definition, " COMPRESSED")) Ask(table, object, "a compressed column", {kNever, 10'003});
    if (column.invisible && column.name != kGeneratedKeyColumn) Ask(table, object, "INVISIBLE", {8'000, 10'003});
  }

  void DoIndex(const std::string& table, const Index& index) {
    const std::string object = absl::StrCat("index ", index.name);
    for (const IndexPart& part : index.parts) {
      if (!part.expression.empty()) Ask(table, object, "an index on an expression", {8'000, kNever});
      if (part.descending) Ask(table, object, "a descending index", {8'000, 10'008});
    }
    if (index.kind == Index::Kind::kVector) Ask(table, object, "a vector index", {kNever, 11'007});
    if (!index.parser.empty()) Ask(table, object, absl::StrCat("full-text parser ", index.parser), {8'000, kNever});
    if (!index.invisible) return;
    // Both have it under another word: no statement makes it on both.
    std::vector<std::string> lacking;
    for (const SiteFacts* other : sites_) {
      if (other->schema.flavour != site_.schema.flavour) lacking.push_back(other->site);
    }
    const bool mysql = site_.schema.flavour == Flavour::kMySql;
    Add(table, object, mysql ? "INVISIBLE, which MariaDB calls IGNORED" : "IGNORED, which MySQL calls INVISIBLE",
        lacking);
  }

  static constexpr int kMaxParts = 1000;

  const SiteFacts& site_;
  const std::vector<const SiteFacts*>& sites_;
  v1::CheckParityResponse& response_;
};

}  // namespace

bool HasGeneratedKey(const Table& table) {
  const Column* const column = table.FindColumn(kGeneratedKeyColumn);
  const Index* const key = table.FindIndex("PRIMARY");
  return column != nullptr && column->invisible && column->auto_increment && key != nullptr && key->parts.size() == 1 &&
         key->parts[0].column == kGeneratedKeyColumn;
}

void AddNotPortable(const std::vector<const SiteFacts*>& sites, v1::CheckParityResponse* response) {
  for (const SiteFacts* site : sites) Walk(*site, sites, response).Do();
}

}  // namespace bonnie::schema
