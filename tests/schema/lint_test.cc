#include "services/schema/lint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/schema/create_table.h"
#include "tests/schema/schema_of.h"

namespace bonnie::schema {
namespace {

using data_access::Flavour;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Table `t` of these clauses.
std::string Create(const std::string& clauses, const std::string& options = "", const std::string& name = "t") {
  const std::string standard = " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci";
  return absl::StrCat("CREATE TABLE `", name, "` (\n  ", clauses, "\n)", options.empty() ? standard : options);
}

std::vector<std::string> Codes(const std::vector<Finding>& findings) {
  std::vector<std::string> codes;
  for (const Finding& finding : findings) codes.push_back(finding.code);
  return codes;
}

// Each rule that its default does not look for, at least as a notice.
LintOptions All() {
  LintOptions options;
  for (const RuleInfo& rule : Rules()) {
    if (rule.severity == Severity::kIgnore) options.severities[rule.code] = Severity::kNotice;
  }
  return options;
}

constexpr char kId[] = "`id` bigint(20) NOT NULL AUTO_INCREMENT";
constexpr char kKey[] = "PRIMARY KEY (`id`)";

struct SchemaCase {
  const char* code;
  Flavour flavour;
  std::vector<std::string> fires, passes;  // tables
  const char* object = "";                 // of the finding
};

std::vector<SchemaCase> SchemaCases() {
  const auto with = [](const std::string& columns, const std::string& keys = "", const std::string& options = "") {
    return Create(
        absl::StrCat(kId, columns.empty() ? "" : ",\n  ", columns, ",\n  ", kKey, keys.empty() ? "" : ",\n  ", keys),
        options);
  };
  const auto options = [&](const std::string& text) { return with("", "", text); };
  const std::string parent = Create(
      "`id` bigint(20) NOT NULL,\n  `code` varchar(9) NOT NULL,\n  PRIMARY KEY (`id`),\n"
      "  KEY `code` (`code`)",
      "", "p");
  const auto child = [&](const std::string& type, const std::string& to,
                         const std::string& key = ",\n  KEY `p` (`p`)") {
    return Create(absl::StrCat(kId, ",\n  `p` ", type, " DEFAULT NULL,\n  ", kKey, key,
                               ",\n  CONSTRAINT `to_p` FOREIGN KEY (`p`) REFERENCES `p` (`", to, "`)"));
  };
  const Flavour maria = Flavour::kMariaDb, mysql = Flavour::kMySql;
  return {
      {"auto-inc",
       maria,
       {Create("`id` smallint(6) NOT NULL AUTO_INCREMENT,\n  PRIMARY KEY (`id`)")},
       {with("")},
       "id"},
      {"auto-inc",
       mysql,
       {Create("`id` tinyint NOT NULL AUTO_INCREMENT,\n  PRIMARY KEY (`id`)")},
       {Create("`id` int unsigned NOT NULL AUTO_INCREMENT,\n  PRIMARY KEY (`id`)")},
       "id"},
      {"auto-inc-capacity",
       mysql,
       {Create("`id` int NOT NULL AUTO_INCREMENT,\n  PRIMARY KEY (`id`)",
               " ENGINE=InnoDB AUTO_INCREMENT=2000000000 DEFAULT CHARSET=utf8mb4")},
       {Create("`id` bigint NOT NULL AUTO_INCREMENT,\n  PRIMARY KEY (`id`)",
               " ENGINE=InnoDB AUTO_INCREMENT=2000000000 DEFAULT CHARSET=utf8mb4")},
       "id"},
      {"charset", maria, {options(" ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci")}, {with("")}},
      {"charset",
       maria,
       {with("`c` varchar(9) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci DEFAULT NULL")},
       {with("`c` varchar(9) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL")},
       "c"},
      {"compression",
       mysql,
       {options(" ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMPRESSION='zlib'")},
       {options(" ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=8")}},
      {"compression", maria, {options(" ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 `PAGE_COMPRESSED`=1")}, {with("")}},
      {"display-width",
       maria,
       {with("`c` int(5) DEFAULT NULL")},
       {with("`c` int(11) DEFAULT NULL,\n  `d` int(10) unsigned DEFAULT NULL,\n  `e` tinyint(1) DEFAULT NULL,\n"
             "  `f` int(5) unsigned zerofill DEFAULT NULL,\n  `g` bigint(20) unsigned DEFAULT NULL")},
       "c"},
      {"dupe-index",
       maria,
       {with("`a` int(11) DEFAULT NULL", "KEY `x` (`a`),\n  KEY `y` (`a`)")},
       {with("`a` int(11) DEFAULT NULL", "KEY `x` (`a`)")},
       "y"},
      {"dupe-index",
       maria,
       {with("`a` int(11) DEFAULT NULL", "UNIQUE KEY `x` (`a`),\n  KEY `y` (`a`)")},
       {with("`a` varchar(99) DEFAULT NULL", "FULLTEXT KEY `x` (`a`),\n  KEY `y` (`a`)")},
       "y"},
      {"engine", maria, {options(" ENGINE=MyISAM DEFAULT CHARSET=utf8mb4")}, {with("")}},
      {"fk-index", maria, {parent, child("bigint(20)", "id", "")}, {parent, child("bigint(20)", "id")}, "to_p"},
      {"fk-parent", maria, {parent, child("varchar(9)", "code")}, {parent, child("bigint(20)", "id")}, "to_p"},
      {"fk-parent", maria, {child("bigint(20)", "id")}, {parent, child("bigint(20)", "id")}, "to_p"},
      {"has-enum", maria, {with("`c` enum('a') DEFAULT NULL")}, {with("")}, "c"},
      {"has-fk", maria, {parent, child("bigint(20)", "id")}, {parent}, "to_p"},
      {"has-float", maria, {with("`c` double DEFAULT NULL")}, {with("`c` decimal(9,2) DEFAULT NULL")}, "c"},
      {"has-time", maria, {with("`c` datetime DEFAULT NULL")}, {with("`c` year(4) DEFAULT NULL")}, "c"},
      {"has-timestamp-2038",
       maria,
       {with("`c` timestamp(6) NULL DEFAULT NULL")},
       {with("`c` datetime DEFAULT NULL")},
       "c"},
      {"name-case", maria, {Create(absl::StrCat(kId, ",\n  ", kKey), "", "Upper")}, {with("`Upper` int(11) NOT NULL")}},
      {"nullable", maria, {with("`c` int(11) DEFAULT NULL")}, {with("`c` int(11) NOT NULL")}, "c"},
      {"pk", maria, {Create("`a` int(11) NOT NULL,\n  UNIQUE KEY `a` (`a`)")}, {with("")}},
      {"pk",
       mysql,
       {Create("`my_row_id` bigint unsigned NOT NULL AUTO_INCREMENT /*!80023 INVISIBLE */,\n  `a` int DEFAULT NULL,\n"
               "  PRIMARY KEY (`my_row_id`)")},
       {Create("`my_row_id` bigint unsigned NOT NULL AUTO_INCREMENT,\n  PRIMARY KEY (`my_row_id`)")},
       "my_row_id"},
      {"pk-type", maria, {Create("`a` varchar(36) NOT NULL,\n  PRIMARY KEY (`a`)")}, {with("")}, "a"},
      {"redundant-index",
       maria,
       {with("`a` int(11) DEFAULT NULL", "KEY `x` (`a`),\n  KEY `y` (`a`,`id`)")},
       {with("`a` int(11) DEFAULT NULL", "UNIQUE KEY `x` (`a`),\n  KEY `y` (`a`,`id`)")},
       "x"},
      {"redundant-index",
       mysql,
       {with("`a` varchar(99) DEFAULT NULL", "KEY `x` (`a`(10)),\n  KEY `y` (`a`(20))")},
       {with("`a` varchar(99) DEFAULT NULL,\n  `b` int DEFAULT NULL",
             "KEY `x` (`a`(10),`b`),\n  KEY `y` (`a`(20),`b`),\n  KEY `z` (`a` DESC)")},
       "x"},
      {"reserved-word",
       maria,
       {with("`system` int(11) DEFAULT NULL")},
       {with("`method` int(11) DEFAULT NULL")},
       "system"},
      {"type-pedantic",
       maria,
       {Create("`id` int(11) NOT NULL,\n  `code` varchar(20) NOT NULL,\n  UNIQUE KEY `code` (`code`)", "", "p"),
        child("varchar(9)", "code")},
       {parent, child("bigint(20)", "id")},
       "p"},
      {"zero-date",
       maria,
       {with("`c` datetime DEFAULT '0000-00-00 00:00:00'")},
       {with("`c` date DEFAULT '2000-01-01',\n  `d` varchar(20) DEFAULT '0000-00-00'")},
       "c"},
      {"zero-date",
       mysql,
       {with("`c` date NOT NULL DEFAULT '2020-00-01'")},
       {with("`c` datetime(6) DEFAULT CURRENT_TIMESTAMP(6)")},
       "c"},
  };
}

TEST(LintTest, FindsWhatASchemaRuleIsAboutAndNothingElse) {
  for (const SchemaCase& c : SchemaCases()) {
    const auto fires = LintSchema(SchemaOf(c.fires, c.flavour), All());
    EXPECT_THAT(fires, Contains(testing::AllOf(Field(&Finding::code, c.code), Field(&Finding::object, c.object))))
        << c.code << "\n"
        << c.fires.back();
    EXPECT_THAT(Codes(LintSchema(SchemaOf(c.passes, c.flavour), All())), Not(Contains(c.code))) << c.code << "\n"
                                                                                                << c.passes.back();
  }
}

TEST(LintTest, LooksAtStoredObjects) {
  Schema schema;
  schema.objects = {
      {{SchemaObject::Kind::kView, "v"},
       "",
       "CREATE DEFINER=`root`@`localhost` SQL SECURITY DEFINER VIEW `v` AS SELECT 1"},
      {{SchemaObject::Kind::kFunction, "f"}, "", "CREATE DEFINER=`app`@`%` FUNCTION `f`() RETURNS int RETURN 1"}};
  const auto findings = LintSchema(schema, All());
  EXPECT_THAT(Codes(findings), ElementsAre("definer", "has-routine"));
  EXPECT_EQ(findings[0].description, "v: its DEFINER is root@localhost: it runs with all of that one's rights");
  LintOptions options;
  options.allowed["definer"] = {"root@localhost"};
  EXPECT_THAT(LintSchema(schema, options), IsEmpty());
}

struct ChangeCase {
  const char* code;
  std::string from, to;  // clauses of t
  bool fires = true;
  const char* object = "c";
  bool drops_data = false;
};

std::vector<ChangeCase> ChangeCases() {
  const std::string id = "`id` int(11) NOT NULL";
  const auto c = [&](const std::string& definition) { return absl::StrCat(id, ",\n  `c` ", definition); };
  const auto key = [&](const std::string& clause) {
    return absl::StrCat(id, ",\n  `c` int(11) DEFAULT NULL,\n  ", clause);
  };
  const std::string checked = "CONSTRAINT `c` CHECK (`id` > 0)";
  const std::string latin = "varchar(9) CHARACTER SET latin1 COLLATE latin1_swedish_ci DEFAULT NULL";
  const std::string bin = "varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL";
  const auto set = [](int members) {
    std::string values;
    for (int i = 0; i < members; ++i) absl::StrAppend(&values, i > 0 ? "," : "", "'", i, "'");
    return absl::StrCat("(", values, ") DEFAULT NULL");
  };
  return {
      {"DS103", c("int(11) DEFAULT NULL"), id, true, "c", true},
      {"DS103", c("int(11) GENERATED ALWAYS AS (`id`) VIRTUAL"), id, false},
      {"DS103", c("int(11) GENERATED ALWAYS AS (`id`) STORED"), id, true, "c", true},
      {"MF101", key("KEY `x` (`id`)"), key("KEY `x` (`id`),\n  UNIQUE KEY `c` (`c`)")},
      {"MF101", id, absl::StrCat(id, ",\n  `c` int(11) DEFAULT NULL,\n  UNIQUE KEY `c` (`c`)"), false},
      {"MF101", id, absl::StrCat(id, ",\n  `c` int(11) NOT NULL DEFAULT 0,\n  UNIQUE KEY `c` (`c`)")},
      {"MF101", key("UNIQUE KEY `c` (`c`)"), key("UNIQUE KEY `c` (`c`,`id`)"), false},
      {"MF101", key("UNIQUE KEY `c` (`c`,`id`)"), key("UNIQUE KEY `c` (`c`)")},
      {"MF101", key("KEY `c` (`c`)"), key("UNIQUE KEY `c` (`c`)"), false},
      {"MF102", key("KEY `c` (`c`)"), key("UNIQUE KEY `c` (`c`)")},
      {"MF102", key("UNIQUE KEY `c` (`c`)"), key("KEY `c` (`c`)"), false},
      {"MF103", id, c("date NOT NULL"), false},
      {"MY101", id, c("date NOT NULL")},
      {"MY101", id, c("varchar(9) NOT NULL")},
      {"MY101", id, c("varchar(9) NOT NULL DEFAULT ''"), false},
      {"MY101", id, c("varchar(9) DEFAULT NULL"), false},
      {"MF104", c("int(11) DEFAULT NULL"), c("int(11) NOT NULL")},
      {"MF104", c("int(11) NOT NULL"), c("int(11) DEFAULT NULL"), false},
      {"CD102", key(checked), key("KEY `x` (`id`)")},
      {"CD102", key("KEY `x` (`id`)"), key(checked), false},
      {"CD102", c("int(11) DEFAULT NULL CHECK (`c` > 0)"), c("int(11) DEFAULT NULL")},
      {"CD103", key("PRIMARY KEY (`id`)"), key("KEY `x` (`id`)"), true, "PRIMARY"},
      {"CD103", key("PRIMARY KEY (`id`)"), key("PRIMARY KEY (`id`,`c`)"), false, "PRIMARY"},
      {"rows-checked", key("KEY `x` (`id`)"), key(checked)},
      {"rows-checked", key(checked), key("KEY `x` (`id`)"), false},
      {"MY110", c("enum('a','b') DEFAULT NULL"), c("enum('a') DEFAULT NULL")},
      {"MY110", c("enum('a','b') DEFAULT NULL"), c("enum('a','b','c') DEFAULT NULL"), false},
      {"MY111", c("enum('a','b') DEFAULT NULL"), c("enum('b','a') DEFAULT NULL")},
      {"MY111", c("enum('a','b') DEFAULT NULL"), c("enum('b') DEFAULT NULL"), false},
      {"MY112", c("enum('a','b') DEFAULT NULL"), c("enum('a','x','b') DEFAULT NULL")},
      {"MY112", c("enum('a','b') DEFAULT NULL"), c("enum('a','b','x') DEFAULT NULL"), false},
      {"MY113", c("enum" + set(255)), c("enum" + set(256))},
      {"MY113", c("enum" + set(254)), c("enum" + set(255)), false},
      {"MY120", c("set('a','b') DEFAULT NULL"), c("set('b') DEFAULT NULL")},
      {"MY120", c("set('a','b') DEFAULT NULL"), c("set('a','b','c') DEFAULT NULL"), false},
      {"MY121", c("set('a','b') DEFAULT NULL"), c("set('b','a') DEFAULT NULL")},
      {"MY121", c("enum('a','b') DEFAULT NULL"), c("enum('b','a') DEFAULT NULL"), false},
      {"MY122", c("set('a','b') DEFAULT NULL"), c("set('x','a','b') DEFAULT NULL")},
      {"MY122", c("set('a','b') DEFAULT NULL"), c("set('a','b','x') DEFAULT NULL"), false},
      {"MY123", c("set" + set(8)), c("set" + set(9))},
      {"MY123", c("set" + set(33)), c("set" + set(64)), false},
      {"charset-change", c(latin), c("varchar(9) DEFAULT NULL")},
      {"charset-change", c(latin), c(absl::StrReplaceAll(latin, {{"(9)", "(19)"}})), false},
      {"narrowing", c(latin), c("varchar(9) DEFAULT NULL"), false},
      {"narrowing", c("varchar(9) DEFAULT NULL"), c(latin)},
      {"value-change", c("tinyint(1) DEFAULT NULL"), c("enum('no','yes') DEFAULT NULL")},
      {"value-change", c("tinyint(1) DEFAULT NULL"), c("int(11) DEFAULT NULL"), false},
      {"value-change", c("int(11) GENERATED ALWAYS AS (1) STORED"), c("int(11) GENERATED ALWAYS AS (2) STORED")},
      {"value-change", c("datetime DEFAULT NULL"), c("timestamp NOT NULL")},
      {"MF104", c("datetime DEFAULT NULL"), c("timestamp NOT NULL"), false},
      {"collation-change", absl::StrCat(c(bin), ",\n  UNIQUE KEY `u` (`c`)"),
       absl::StrCat(c("varchar(9) DEFAULT NULL"), ",\n  UNIQUE KEY `u` (`c`)")},
      {"collation-change", absl::StrCat(c(bin), ",\n  KEY `u` (`c`)"),
       absl::StrCat(c("varchar(9) DEFAULT NULL"), ",\n  KEY `u` (`c`)"), false},
      {"invisible-index-before-drop", key("KEY `c` (`c`)"), c("int(11) DEFAULT NULL")},
      {"invisible-index-before-drop", key("KEY `c` (`c`)"), key("KEY `wide` (`c`,`id`)"), false},
      {"invisible-index-before-drop", key("KEY `c` (`c`) IGNORED"), c("int(11) DEFAULT NULL"), false},
  };
}

TEST(LintTest, FindsWhatAChangeRuleIsAboutAndNothingElse) {
  for (const ChangeCase& c : ChangeCases()) {
    const Schema from = SchemaOf({Create(c.from)}, Flavour::kMariaDb), to = SchemaOf({Create(c.to)}, Flavour::kMariaDb);
    const auto findings = LintChanges(from, to, Diff(from, to), All());
    if (!c.fires) {
      EXPECT_THAT(Codes(findings), Not(Contains(c.code))) << c.from << "\n" << c.to;
      continue;
    }
    EXPECT_THAT(findings,
                Contains(testing::AllOf(Field(&Finding::code, c.code), Field(&Finding::table, "t"),
                                        Field(&Finding::object, c.object), Field(&Finding::drops_data, c.drops_data))))
        << c.code << "\n"
        << c.from << "\n"
        << c.to;
  }
}

TEST(LintTest, TellsTypesThatStopFromTypesThatLoseAndTypesThatChange) {
  enum Want { kFits, kStops, kLoses, kChanges };
  const struct {
    const char *before, *after;
    Want want;
  } cases[] = {
      {"varchar(50)", "varchar(100)", kFits},
      {"varchar(50)", "varchar(20)", kStops},
      {"char(50)", "varchar(50)", kFits},
      {"varchar(50)", "char(50)", kLoses},
      {"varchar(50)", "text", kFits},
      {"varchar(100)", "tinytext", kLoses},
      {"text", "varchar(50)", kLoses},
      {"longtext", "text", kLoses},
      {"char(50)", "char(20)", kStops},
      {"int(11)", "bigint(20)", kFits},
      {"bigint(20)", "int(11)", kStops},
      {"int(10) unsigned", "int(11)", kStops},
      {"int(10) unsigned", "bigint(20)", kFits},
      {"int(11)", "bigint(20) unsigned", kStops},
      {"int(11)", "decimal(10,0)", kFits},
      {"int(11)", "decimal(10,2)", kStops},
      {"int(11)", "varchar(11)", kFits},
      {"int(11)", "varchar(5)", kStops},
      {"int(11)", "double", kFits},
      {"bigint(20)", "double", kLoses},
      {"decimal(10,2)", "decimal(12,4)", kFits},
      {"decimal(10,2)", "decimal(10,3)", kStops},
      {"decimal(10,2)", "decimal(10,1)", kLoses},
      {"decimal(10,2)", "int(10) unsigned", kLoses},
      {"decimal(10,0)", "int(10) unsigned", kStops},
      {"double", "float", kLoses},
      {"float", "double", kChanges},
      {"double", "int(11)", kLoses},
      {"datetime(6)", "datetime", kLoses},
      {"datetime", "datetime(6)", kFits},
      {"date", "datetime", kFits},
      {"datetime", "date", kLoses},
      {"datetime", "timestamp", kChanges},
      {"timestamp", "datetime", kChanges},
      {"time", "datetime", kChanges},
      {"int(11)", "date", kChanges},
      {"int(11)", "enum('a')", kChanges},
      {"enum('10','20')", "int(11)", kChanges},
      {"varchar(20)", "int(11)", kChanges},
      {"varchar(20)", "date", kChanges},
      {"binary(4)", "binary(8)", kLoses},
      {"binary(4)", "varbinary(4)", kFits},
      {"varbinary(4)", "binary(4)", kLoses},
      {"varbinary(9)", "blob", kFits},
      {"blob", "tinyblob", kStops},
      {"enum('a','bb')", "varchar(2)", kFits},
      {"varchar(2)", "enum('a')", kChanges},
      {"bit(8)", "bit(4)", kStops},
      {"year(4)", "int(11)", kFits},
      {"year(4)", "tinyint(4)", kStops},
  };
  for (const auto& c : cases) {
    const auto of = [](const std::string& type) {
      return SchemaOf({Create(absl::StrCat("`c` ", type, " NOT NULL"))}, Flavour::kMariaDb);
    };
    const Schema from = of(c.before), to = of(c.after);
    std::vector<Finding> found;
    for (const Finding& finding : LintChanges(from, to, Diff(from, to))) {
      if (finding.code == "narrowing" || finding.code == "value-change") found.push_back(finding);
    }
    ASSERT_EQ(found.size(), c.want == kFits ? 0u : 1u) << c.before << " to " << c.after;
    if (c.want == kFits) continue;
    EXPECT_EQ(found[0].code, c.want == kChanges ? "value-change" : "narrowing") << c.before << " to " << c.after;
    EXPECT_EQ(found[0].drops_data, c.want == kLoses) << c.before << " to " << c.after;
  }
}

TEST(LintTest, FillsRowsAsTheFlavourDoes) {
  const Schema from = SchemaOf({Create("`id` int NOT NULL")}, Flavour::kMySql);
  for (const auto& [type, code] :
       {std::pair("date", "MF103"), {"point", "MF103"}, {"timestamp", "MY101"}, {"int", "MY101"}}) {
    const Schema to =
        SchemaOf({Create(absl::StrCat("`id` int NOT NULL,\n  `c` ", type, " NOT NULL"))}, Flavour::kMySql);
    EXPECT_THAT(Codes(LintChanges(from, to, Diff(from, to))), ElementsAre(code)) << type;
  }
}

TEST(LintTest, NamesTablesAndColumnsThatGoOrAreRenamed) {
  const Schema from =
      SchemaOf({Create("`a` int(11) NOT NULL"), Create("`b` int(11) NOT NULL", "", "u")}, Flavour::kMariaDb);
  const Schema to = SchemaOf({Create("`c` varchar(1) NOT NULL", "", "new")}, Flavour::kMariaDb);
  const RenameHints hints = {{{"new", "t"}}, {{"new", {{"c", "a"}}}}};
  const auto findings = LintChanges(from, to, Diff(from, to, hints));
  EXPECT_THAT(Codes(findings), ElementsAre("BC101", "rename", "BC102", "narrowing", "DS102"));
  EXPECT_EQ(findings[0].description, "new: was t: programs that still use that name get an error");
  EXPECT_TRUE(findings[4].drops_data);
  EXPECT_EQ(findings[4].severity, Severity::kError);
}

TEST(LintTest, LooksAtForeignKeysThatComeAndGo) {
  const std::string p = Create("`id` int(11) NOT NULL,\n  PRIMARY KEY (`id`)", "", "p");
  const std::string columns = "`id` int(11) NOT NULL,\n  KEY `id` (`id`)";
  const Schema without = SchemaOf({p, Create(columns)}, Flavour::kMariaDb);
  const Schema with = SchemaOf({p, Create(columns + ",\n  CONSTRAINT `k` FOREIGN KEY (`id`) REFERENCES `p` (`id`)")},
                               Flavour::kMariaDb);
  EXPECT_THAT(Codes(LintChanges(with, without, Diff(with, without))), ElementsAre("CD101"));
  EXPECT_THAT(Codes(LintChanges(without, with, Diff(without, with))), ElementsAre("rows-checked"));
}

TEST(LintTest, NamesPartitionsWhoseRowsGo) {
  const auto parted = [](const std::string& list) {
    return SchemaOf(
        {Create("`y` int(11) NOT NULL",
                absl::StrCat(" ENGINE=InnoDB DEFAULT CHARSET=utf8mb4\n PARTITION BY RANGE (`y`)\n(", list, ")"))},
        Flavour::kMariaDb);
  };
  const auto part = [](int n) {
    return absl::StrCat("PARTITION `p", n, "` VALUES LESS THAN (", n, ") ENGINE = InnoDB");
  };
  const Schema from = parted(absl::StrCat(part(1), ",\n ", part(2)));
  const Schema rolled = parted(absl::StrCat(part(2), ",\n ", part(3)));
  const auto findings = LintChanges(from, rolled, Diff(from, rolled));
  ASSERT_THAT(Codes(findings), ElementsAre("drop-partition"));
  EXPECT_EQ(findings[0].description, "t: rows of partition p1 go with it");
  EXPECT_TRUE(findings[0].drops_data);
  const Schema merged = parted(part(2));  // p1's rows belong there: but DROP PARTITION is how the list gets so short
  EXPECT_THAT(Codes(LintChanges(from, merged, Diff(from, merged))), ElementsAre("drop-partition"));
  const auto listed = [](const std::string& list) {
    return SchemaOf(
        {Create("`y` int(11) NOT NULL",
                absl::StrCat(" ENGINE=InnoDB DEFAULT CHARSET=utf8mb4\n PARTITION BY LIST (`y`)\n(", list, ")"))},
        Flavour::kMariaDb);
  };
  const auto value = [](int n) { return absl::StrCat("PARTITION `p", n, "` VALUES IN (", n, ") ENGINE = InnoDB"); };
  const Schema three = listed(absl::StrCat(value(1), ",\n ", value(2), ",\n ", value(3)));
  const Schema two = listed(absl::StrCat(value(1), ",\n ", value(3)));
  EXPECT_THAT(Codes(LintChanges(three, two, Diff(three, two))), ElementsAre("drop-partition"));
  const Schema grown = parted(absl::StrCat(part(1), ",\n ", part(2), ",\n ", part(3)));
  EXPECT_THAT(LintChanges(from, grown, Diff(from, grown)), IsEmpty());
}

TEST(LintTest, FindsReferencesAtAColumn) {
  EXPECT_THAT(LintText("CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES p (id), q int)"),
              ElementsAre(testing::AllOf(Field(&Finding::code, "MY102"), Field(&Finding::object, "p"))));
  EXPECT_THAT(LintText("ALTER TABLE t ADD COLUMN a int, ADD b int REFERENCES p (id)"),
              ElementsAre(testing::AllOf(Field(&Finding::table, "t"), Field(&Finding::object, "b"))));
  EXPECT_THAT(LintText("CREATE TABLE t (p int, FOREIGN KEY (p) REFERENCES p (id), CONSTRAINT k FOREIGN KEY (p) "
                       "REFERENCES p (id))"),
              IsEmpty());
  EXPECT_THAT(LintText("ALTER TABLE t ADD FOREIGN KEY (p) REFERENCES p (id), DROP COLUMN q"), IsEmpty());
  EXPECT_THAT(LintText("CREATE TABLE t (p int COMMENT 'REFERENCES p (id)', `references` int)"), IsEmpty());
  EXPECT_THAT(LintText("INSERT INTO t (a) VALUES (1)"), IsEmpty());
}

TEST(LintTest, NamesWhatBlocksWriters) {
  const struct {
    const char *sql, *want;
  } cases[] = {
      {"ALTER TABLE `t` MODIFY COLUMN `a` bigint(20) NOT NULL", "MY130"},
      {"ALTER TABLE t CHANGE COLUMN a b bigint", "MY130"},
      {"ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES p (id)", "MY131"},
      {"ALTER TABLE t ADD COLUMN a int REFERENCES p (id)", "MY131"},
      {"ALTER TABLE t ADD PRIMARY KEY (a)", "MY132"},
      {"ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (a, b)", "MY132"},
      {"ALTER TABLE t DROP PRIMARY KEY", "MY133"},
      {"ALTER TABLE t ADD FULLTEXT KEY f (a)", "MY134"},
      {"CREATE FULLTEXT INDEX f ON t (a)", "MY134"},
      {"ALTER TABLE t ADD SPATIAL INDEX s (a)", "MY135"},
      {"CREATE SPATIAL INDEX s ON t (a)", "MY135"},
      {"ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4", "MY136"},
      {"ALTER TABLE t ADD FULLTEXT KEY f (a), MODIFY b bigint", "MY130"},
      {"ALTER TABLE t ADD COLUMN a int DEFAULT (1 + 2)", "blocks-writes"},
      {"CREATE INDEX i ON t (a)", "blocks-writes"},
      {"UPDATE t SET a = 1", "blocks-writes"},
      {"", "blocks-writes"},
      {"ALTER TABLE", "blocks-writes"},
      {"ALTER TABLE t ADD (", "blocks-writes"},
  };
  for (const auto& c : cases) EXPECT_EQ(BlockingCode(c.sql), c.want) << c.sql;
}

TEST(LintTest, TellsANewTypeFromANewCharacterSet) {
  const std::string sql = "ALTER TABLE `t` MODIFY COLUMN `a` varchar(9) CHARACTER SET latin1 DEFAULT NULL";
  const auto code = [&](const std::string& before, const std::string& after) {
    return BlockingCode(sql, {{Change::Kind::kModifyColumn, "t", "a", before, after}});
  };
  EXPECT_EQ(code("varchar(9) DEFAULT NULL", "varchar(9) CHARACTER SET latin1 COLLATE latin1_bin DEFAULT NULL"),
            "MY136");
  EXPECT_EQ(code("varchar(5) DEFAULT NULL", "varchar(9) CHARACTER SET latin1 DEFAULT NULL"), "MY130");
  EXPECT_EQ(code("varchar(9) DEFAULT NULL", "varchar(9) NOT NULL"), "blocks-writes");
  const auto finding = LintBlocking(sql, "t");
  ASSERT_TRUE(finding.has_value());
  EXPECT_EQ(finding->description, "t: change of type copies the table");
  EXPECT_TRUE(finding->blocks_writes);
  EXPECT_FALSE(LintBlocking(sql, "t", {{{"MY130", Severity::kIgnore}}}).has_value());
}

TEST(LintTest, FollowsTheOptions) {
  const Schema schema = SchemaOf({Create("`a` int(11) NOT NULL")}, Flavour::kMariaDb);
  EXPECT_THAT(LintSchema(schema), ElementsAre(Field(&Finding::severity, Severity::kWarning)));
  EXPECT_THAT(LintSchema(schema, {{{"pk", Severity::kError}}}),
              ElementsAre(Field(&Finding::severity, Severity::kError)));
  EXPECT_THAT(LintSchema(schema, {{{"pk", Severity::kIgnore}}}), IsEmpty());
  LintOptions nolint;
  nolint.nolint["t"] = {"pk"};
  EXPECT_THAT(LintSchema(schema, nolint), IsEmpty());
  nolint.nolint = {{"other", {"pk"}}};
  EXPECT_THAT(Codes(LintSchema(schema, nolint)), ElementsAre("pk"));
  EXPECT_THAT(CheckCodes({{{"pk", Severity::kError}}}), testing::Property(&absl::Status::ok, true));
  EXPECT_THAT(std::string(CheckCodes({{{"nonsense", Severity::kError}}}).message()),
              HasSubstr("'nonsense' is no rule"));
}

TEST(LintTest, ReadsNolint) {
  EXPECT_EQ(**NolintCode("nolint: DS102 the rows are in the archive"), "DS102");
  EXPECT_EQ(**NolintCode(" nolint: data-loss"), "data-loss");
  EXPECT_FALSE(NolintCode("keeps: in the archive")->has_value());
  EXPECT_THAT(std::string(NolintCode("nolint: DS999").status().message()), HasSubstr("'DS999' is no rule"));
  EXPECT_THAT(std::string(NolintCode("nolint:").status().message()), HasSubstr("want `nolint: CODE why`"));
}

// Rules that no case of a table above shows; each has a test of its own, but for the one that nothing can break.
TEST(LintTest, ShowsEveryRule) {
  std::set<std::string> shown = {"definer", "has-routine",    "BC101", "BC102", "rename", "DS102",
                                 "CD101",   "drop-partition", "MF103", "MY102", "DS101"};
  for (const SchemaCase& c : SchemaCases()) shown.insert(c.code);
  for (const ChangeCase& c : ChangeCases()) {
    if (c.fires) shown.insert(c.code);
  }
  for (const RuleInfo& rule : Rules()) {
    if (rule.subject != RuleSubject::kForecast) {
      EXPECT_THAT(shown, Contains(rule.code));
    }
    EXPECT_THAT(rule.harm, testing::EndsWith("."));
    EXPECT_FALSE(rule.name.empty());
  }
  std::set<std::string> codes;
  for (const RuleInfo& rule : Rules()) EXPECT_TRUE(codes.insert(rule.code).second) << rule.code;
}

// The rules as LINT.md has them between its words.
std::string Page() {
  std::string page;
  const auto section = [&page](RuleSubject subject, absl::string_view title) {
    absl::StrAppend(&page, "\n## ", title, "\n| code | severity | finds | harm |\n|---|---|---|---|\n");
    for (const RuleInfo& rule : Rules()) {
      if (rule.subject != subject) continue;
      absl::StrAppend(&page, "| `", rule.code, "` | ", SeverityName(rule.severity),
                      rule.drops_data ? ", drops data" : "", rule.blocks_writes ? ", blocks writes" : "", " | ",
                      rule.name, " | ", rule.harm, " |\n");
    }
  };
  section(RuleSubject::kSchema, "A schema as it stands");
  section(RuleSubject::kChange, "A change");
  section(RuleSubject::kText, "A statement as it is written");
  section(RuleSubject::kForecast, "A statement that a forecast says blocks writes");
  return page;
}

TEST(LintTest, IsDescribedInItsPage) {
  std::ifstream file(BONNIE_SOURCE_DIR "/services/schema/LINT.md");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const size_t begin = text.find("\n## ");
  if (begin == std::string::npos || text.substr(begin) != Page()) ADD_FAILURE() << "LINT.md has to end:\n" << Page();
}

}  // namespace
}  // namespace bonnie::schema
