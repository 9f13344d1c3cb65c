#include "services/schema/autogenerate.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/data_access/status_macros.h"
#include "services/schema/alter.h"
#include "services/schema/alter_columns.h"
#include "services/schema/create_table.h"
#include "services/schema/no_default.h"
#include "services/schema/renames.h"
#include "services/schema/revision_text.h"
#include "services/schema/scratch.h"
#include "services/schema/show_create.h"
#include "services/schema/statement_facts.h"
#include "services/schema/statement_renames.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

constexpr int kMaxRounds = 3;

absl::Status Refuse(absl::string_view what) {
  return server::Error(absl::StatusCode::kFailedPrecondition,
                       absl::StrCat("no statements can be shown for this change: ", what,
                                    "; write the revision by hand (an empty one is a beginning) or change the model"),
                       {.reason = "CHANGE_UNSUPPORTED"});
}

absl::Status RefuseRenames(const std::vector<PossibleRename>& renames) {
  std::vector<std::string> readings;
  for (const PossibleRename& rename : renames) {
    const absl::string_view what = rename.table.empty() ? "table" : "column";
    readings.push_back(absl::StrCat(rename.table, rename.table.empty() ? "" : ": ", what, " ", rename.before,
                                    " is renamed to ", rename.after, " (and keeps its data), or ", rename.before,
                                    " is dropped with its data and ", rename.after, " is new"));
  }
  return server::Error(
      absl::StatusCode::kFailedPrecondition,
      absl::StrCat(
          absl::StrJoin(readings, "; "),
          ". Say a rename in the model file with `-- renamed-from: OLD` at the end of the column's line (for a "
          "table, on a line before its CREATE TABLE); for the other reading, make two revisions: first without "
          "the old one, then with the new one"),
      {.reason = "AMBIGUOUS_RENAME"});
}

std::string Named(const Unsupported& part) {
  return absl::StrCat(part.object, part.attribute.empty() ? "" : " (", part.attribute,
                      part.attribute.empty() ? "" : ")", ": ", part.reason);
}

// The tables that change, and those that a foreign key binds to one of them, there or back: no other can keep a
// statement from running.
std::set<std::string> Concerned(const Schema& from, const Schema& to, const Difference& difference) {
  std::set<std::string> changed;
  for (const Change& change : difference.changes) {
    changed.insert(change.table);
    if (change.kind == Change::Kind::kRenameTable) changed.insert(change.before);
  }
  std::set<std::string> concerned = changed;
  for (const Schema* schema : {&from, &to}) {
    for (const auto& [name, table] : schema->tables) {
      for (const ForeignKey& key : table.foreign_keys) {
        if (changed.count(name) > 0) concerned.insert(key.referenced_table);
        if (changed.count(key.referenced_table) > 0) concerned.insert(name);
      }
    }
  }
  return concerned;
}

// As if it had never had the key, in its text too.
void Forget(const ForeignKey& key, Table& table) {
  std::string& text = table.create_statement;
  const size_t begin = text.find(absl::StrCat("\n  ", key.definition));
  if (begin != std::string::npos) text.erase(begin, text.find('\n', begin + 1) - begin);
}

// These tables and the foreign keys between them: nothing else is made in scratch. A key whose other table is not there
// vanishes from SHOW CREATE on MariaDB.
Schema Only(const Schema& schema, const std::set<std::string>& tables) {
  Schema only = schema;
  only.objects.clear();
  only.unsupported.clear();
  only.tables.clear();
  for (const std::string& name : tables) {
    const auto found = schema.tables.find(name);
    if (found == schema.tables.end()) continue;
    Table& table = only.tables.emplace(*found).first->second;
    std::vector<ForeignKey> kept;
    for (ForeignKey& key : table.foreign_keys) {
      if (tables.count(key.referenced_table) > 0) {
        kept.push_back(std::move(key));
      } else {
        Forget(key, table);
      }
    }
    table.foreign_keys = std::move(kept);
  }
  return only;
}

std::vector<ScratchStatement> ToRun(const std::vector<std::string>& statements, absl::string_view way) {
  std::vector<ScratchStatement> run;
  for (size_t i = 0; i < statements.size(); ++i) {
    run.push_back({statements[i], absl::StrCat("way ", way, ", statement ", i + 1)});
  }
  return run;
}

// Finds a script for one direction after the other.
class Prover {
 public:
  Prover(ScratchDatabase& scratch, const Schema& from, const Schema& to) : scratch_(scratch), from_(from), to_(to) {}

  absl::StatusOr<std::vector<std::string>> FindUp(const RenameHints& hints) {
    return Find("up", to_, WriteAlter(from_, to_, hints), [this](const auto&) { return Make(); });
  }

  // After FindUp: from where that ended, the first time.
  absl::StatusOr<std::vector<std::string>> FindDown(const std::vector<std::string>& up, const RenameHints& hints) {
    return Find("down", from_, WriteAlter(to_, from_, hints, Direction::kDown), [this, &up](int round) -> absl::Status {
      if (round == 1) return absl::OkStatus();
      BONNIE_RETURN_IF_ERROR(Make());
      return scratch_.Run(ToRun(up, "up"), /*check_foreign_keys=*/true);
    });
  }

  const std::vector<std::string>& remarks() const { return remarks_; }

 private:
  // Makes `from_` in scratch.
  absl::Status Make() {
    BONNIE_RETURN_IF_ERROR(scratch_.Clear());
    std::vector<ScratchStatement> statements;
    for (const auto& [name, table] : from_.tables) {
      Table made = table;
      for (Column& column : made.columns) column.definition = WriteColumn(column);
      statements.push_back({WriteCreateTable(made, /*with_foreign_keys=*/true), absl::StrCat("table ", name)});
      const std::set<std::string> no_default = ColumnsWithoutDefault(made);
      if (!no_default.empty()) statements.push_back({DropDefaults(name, no_default), absl::StrCat("table ", name)});
    }
    return scratch_.Run(statements, /*check_foreign_keys=*/false);  // in any order
  }

  template <class Begin>
  absl::StatusOr<std::vector<std::string>> Find(absl::string_view way, const Schema& goal, const AlterScript& first,
                                                Begin begin) {
    AlterScript script = first;
    std::vector<std::string> statements;
    for (int round = 1; round <= kMaxRounds; ++round) {
      if (!script.unsupported.empty()) {
        std::vector<std::string> parts;
        for (const Unsupported& part : script.unsupported) parts.push_back(Named(part));
        return Refuse(absl::StrJoin(parts, "; "));
      }
      for (const std::string& statement : script.statements) statements.push_back(WrapStatement(statement));
      BONNIE_RETURN_IF_ERROR(CheckStatements(statements));
      BONNIE_RETURN_IF_ERROR(begin(round));
      BONNIE_RETURN_IF_ERROR(RunAll(statements, way));
      BONNIE_ASSIGN_OR_RETURN(Schema reached, scratch_.Inspect());
      const std::string left = Left(reached, goal);
      if (left.empty()) return statements;
      script = WriteAlter(reached, goal, {}, way == "down" ? Direction::kDown : Direction::kUp);
      if (script.statements.empty() && script.unsupported.empty()) return Refuse(absl::StrCat("left over: ", left));
      if (round == kMaxRounds) return Refuse(absl::StrCat("left over after ", kMaxRounds, " tries: ", left));
    }
    return Refuse("left over");
  }

  // A revision may hold them; the planner asks the same.
  static absl::Status CheckStatements(const std::vector<std::string>& statements) {
    for (const std::string& statement : statements) {
      if (const auto facts = LookAt(statement); !facts.ok()) return Refuse(facts.status().message());
    }
    return absl::OkStatus();
  }

  absl::Status RunAll(const std::vector<std::string>& statements, absl::string_view way) {
    const absl::Status ran = scratch_.Run(ToRun(statements, way), /*check_foreign_keys=*/true);
    if (way == "up") remarks_ = scratch_.warnings();
    const auto details = server::DetailsOf(ran);
    if (details.has_value() && details->reason == "STATEMENT_REFUSED") {
      return Refuse(absl::StrCat("the server refuses a statement for it: ", ran.message()));
    }
    return ran;
  }

  // What is still different, in words; empty when nothing is.
  static std::string Left(const Schema& reached, const Schema& goal) {
    std::vector<std::string> left;
    for (const Change& change : Diff(reached, goal).changes) left.push_back(Describe(change));
    if (!left.empty()) return absl::StrJoin(left, "; ");
    for (const auto& [name, table] : goal.tables) {
      const auto found = reached.tables.find(name);
      if (found == reached.tables.end()) return absl::StrCat("table ", name, " is missing");
      const std::string is = ComparableText(found->second), want = ComparableText(table);
      if (is != want) left.push_back(absl::StrCat(name, " reads otherwise: ", FirstDifference(is, want)));
    }
    for (const auto& [name, table] : reached.tables) {
      if (goal.tables.count(name) == 0) left.push_back(absl::StrCat("table ", name, " is there"));
    }
    return absl::StrJoin(left, "; ");
  }

  ScratchDatabase& scratch_;
  const Schema& from_;
  const Schema& to_;
  std::vector<std::string> remarks_;
};

// A table whose text is not exact cannot be made again from it.
absl::Status CheckExact(const Schema& from, const Schema& to, const std::set<std::string>& concerned) {
  std::vector<std::string> parts;
  for (const Schema* schema : {&from, &to}) {
    for (const Unsupported& part : schema->unsupported) {
      if (concerned.count(part.object) > 0) parts.push_back(Named(part));
    }
  }
  return parts.empty() ? absl::OkStatus() : Refuse(absl::StrJoin(parts, "; "));
}

}  // namespace

absl::StatusOr<ProvenScript> Prove(ScratchDatabase& scratch, const Schema& from, const Schema& to,
                                   const RenameHints& hints, const LintOptions& lint) {
  ProvenScript script;
  if (const std::vector<std::string> troubles = HintTroubles(from, to, hints); !troubles.empty()) {
    return server::Error(absl::StatusCode::kFailedPrecondition,
                         absl::StrCat("renamed-from: ", absl::StrJoin(troubles, "; ")), {.reason = "AMBIGUOUS_RENAME"});
  }
  script.difference = Diff(from, to, hints);
  if (!script.difference.possible_renames.empty()) return RefuseRenames(script.difference.possible_renames);
  if (script.difference.empty()) {
    script.down.emplace();
    return script;
  }
  const std::set<std::string> concerned = Concerned(from, to, script.difference);
  BONNIE_RETURN_IF_ERROR(CheckExact(from, to, concerned));
  for (const Change& change : script.difference.changes) {
    if (change.kind == Change::Kind::kAddObject || change.kind == Change::Kind::kDropObject ||
        change.kind == Change::Kind::kModifyObject) {
      return Refuse(Describe(change));
    }
  }
  const Schema before = Only(from, concerned), after = Only(to, concerned);
  Prover prover(scratch, before, after);
  BONNIE_ASSIGN_OR_RETURN(script.up, prover.FindUp(hints));
  for (const std::string& remark : prover.remarks()) script.warnings.push_back({"server-remark", remark});
  for (RevisionWarning& warning : WarnOfRows(from, to, script.difference, lint))
    script.warnings.push_back(std::move(warning));
  absl::StatusOr<std::vector<std::string>> down = prover.FindDown(script.up, Reversed(hints));
  if (down.ok()) {
    script.down = *std::move(down);
    return script;
  }
  const auto details = server::DetailsOf(down.status());
  if (!details.has_value() || details->reason != "CHANGE_UNSUPPORTED") return down.status();
  script.warnings.push_back({"no-way-down", std::string(down.status().message())});
  return script;
}

}  // namespace bonnie::schema
