#include "services/schema/offline_sql.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/data_access/status_macros.h"
#include "services/schema/sql_gate/sql_gate.h"
#include "services/schema/sql_splitter.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

// As the sessions that apply are set up, where a client's may differ.
constexpr char kSession[] =
    "SET NAMES utf8mb4;\n"
    "SET SESSION time_zone = '+00:00', foreign_key_checks = 1, sql_mode = CONCAT(\n"
    "  'ONLY_FULL_GROUP_BY,STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',\n"
    "  IF(FIND_IN_SET('NO_ZERO_DATE', @@GLOBAL.sql_mode), ',NO_ZERO_DATE', ''),\n"
    "  IF(FIND_IN_SET('NO_ZERO_IN_DATE', @@GLOBAL.sql_mode), ',NO_ZERO_IN_DATE', ''));\n";

// The ledger of the database that the script is fed to, whatever that is called. Prepared before anything else, so that
// the script ends at once where there is no ledger.
constexpr char kLedger[] = R"sql(SET @ledger = CONCAT('`', REPLACE(DATABASE(), '`', '``'), '_ledger`');
SET @sql = CONCAT('DELETE FROM ', @ledger, '.bonnie_revisions WHERE revision = ?');
PREPARE remove_head FROM @sql;
SET @sql = CONCAT('INSERT INTO ', @ledger, '.bonnie_revisions (revision, hash) VALUES (?, ?)');
PREPARE add_head FROM @sql;
SET @sql = CONCAT('INSERT INTO ', @ledger, '.bonnie_journal (operation_id, fence, kind, revision, direction, ',
                  'revision_hash, ordinal, state, done_time) ',
                  'VALUES (''offline'', 0, ''revision'', ?, ?, ?, 0, ''done'', CURRENT_TIMESTAMP(6))');
PREPARE close_revision FROM @sql;
)sql";

// Ids and hashes hold no quotes: their characters were checked when they were read.
std::string Quoted(absl::string_view text) { return absl::StrCat("'", text, "'"); }

// A statement as the client's command sends it whole.
std::string Delimited(const std::string& sql) {
  const auto alone = SplitStatements(absl::StrCat(sql, "\n;"), 1);
  if (alone.ok() && alone->size() == 1 && alone->front().sql == sql) {
    const bool ends_in_comment =
        sql.find('\n') == std::string::npos ? absl::StrContains(sql, "--") || absl::StrContains(sql, "#") : true;
    return absl::StrCat(sql, ends_in_comment ? "\n;\n" : ";\n");
  }
  std::string delimiter = "//";
  while (absl::StrContains(sql, delimiter)) delimiter += "/";
  return absl::StrCat("DELIMITER ", delimiter, "\n", sql, "\n", delimiter, "\nDELIMITER ;\n");
}

absl::StatusOr<const std::vector<RevisionStatement>*> WrittenSection(const Revision& revision, Direction direction) {
  if (direction == Direction::kUp) return &revision.up;
  if (revision.down.has_value()) return &*revision.down;
  return server::Error(
      absl::StatusCode::kInvalidArgument, "TARGET_UNREACHABLE",
      absl::StrCat("versions/", revision.file_name, " has no '-- migrate:down', so there is no way back"));
}

std::string HeadText(const std::set<std::string>& heads) { return heads.empty() ? "base" : absl::StrJoin(heads, ", "); }

// What the service writes when a revision is done.
std::string LedgerText(const MigrationFolder& folder, const Revision& revision, Direction direction,
                       const std::set<std::string>& before, const std::set<std::string>& after) {
  std::string text;
  for (const std::string& id : before) {
    if (after.count(id) > 0) continue;
    absl::StrAppend(&text, "SET @revision = ", Quoted(id), "; EXECUTE remove_head USING @revision;\n");
  }
  for (const std::string& id : after) {
    if (before.count(id) > 0) continue;
    absl::StrAppend(&text, "SET @revision = ", Quoted(id), ", @hash = ", Quoted(folder.at(id).hash),
                    "; EXECUTE add_head USING @revision, @hash;\n");
  }
  absl::StrAppend(&text, "SET @revision = ", Quoted(revision.links.id),
                  ", @direction = ", Quoted(direction == Direction::kUp ? "up" : "down"),
                  ", @hash = ", Quoted(revision.hash),
                  "; EXECUTE close_revision USING @revision, @direction, @hash;\n");
  return text;
}

// The statement as the service would send it to a server of `flavour`; where that is empty, both flavours must get the
// same text.
absl::StatusOr<std::string> GatedFor(absl::string_view flavour, const Revision& revision,
                                     const RevisionStatement& statement) {
  const std::string where = absl::StrCat("versions/", revision.file_name, ":", statement.line, ": ");
  absl::optional<std::string> text;
  for (const data_access::Flavour one : {data_access::Flavour::kMySql, data_access::Flavour::kMariaDb}) {
    if (!flavour.empty() && (flavour == "mysql") != (one == data_access::Flavour::kMySql)) continue;
    absl::StatusOr<GatedSql> gated = GateSql(statement.sql, one);
    if (!gated.ok()) {
      return server::FailedPrecondition("REVISION_FILE_INVALID", absl::StrCat(where, gated.status().message()),
                                        {{"file", revision.file_name}});
    }
    if (text.has_value() && *text != gated->text) {
      return server::FailedPrecondition(
          "FLAVOUR_NEEDED",
          absl::StrCat(
              where,
              "differs for the two flavours; say for which server this is (--flavour mysql or --flavour mariadb)"));
    }
    text = std::move(gated->text);
  }
  return *text;
}

absl::StatusOr<std::string> StatementsText(const Revision& revision, Direction direction, absl::string_view flavour) {
  BONNIE_ASSIGN_OR_RETURN(const std::vector<RevisionStatement>* section, WrittenSection(revision, direction));
  std::string text;
  for (const RevisionStatement& statement : *section) {
    if (!statement.only.empty() && flavour.empty()) {
      return server::Error(
          absl::StatusCode::kFailedPrecondition, "FLAVOUR_NEEDED",
          absl::StrCat("versions/", revision.file_name, ":", statement.line, ": is for ", statement.only,
                       " only; say for which server this is (--flavour mysql or --flavour mariadb)"));
    }
    if (!statement.only.empty() && statement.only != flavour) continue;
    BONNIE_ASSIGN_OR_RETURN(const std::string sql, GatedFor(flavour, revision, statement));
    absl::StrAppend(&text, Delimited(sql));
  }
  return text;
}

}  // namespace

absl::StatusOr<OfflineWay> ParseOfflineWay(absl::string_view way, Direction direction) {
  const size_t colon = way.find(':');
  if (colon == absl::string_view::npos) {
    if (direction == Direction::kUp) return OfflineWay{"base", std::string(way)};
    return server::Error(
        absl::StatusCode::kInvalidArgument, "REVISION_UNKNOWN",
        absl::StrCat("'", way, "': offline, a downgrade wants from where too: a:b, such as head:base"));
  }
  OfflineWay parsed{std::string(way.substr(0, colon)), std::string(way.substr(colon + 1))};
  if (parsed.from.empty()) parsed.from = "base";
  return parsed;
}

absl::StatusOr<std::string> OfflineSql(const MigrationFolder& folder, const OfflineWay& way, Direction direction,
                                       absl::string_view flavour) {
  const RevisionGraph& graph = folder.graph();
  BONNIE_ASSIGN_OR_RETURN(std::set<std::string> from, graph.Many(way.from, {}));
  const std::vector<std::string> start(from.begin(), from.end());
  BONNIE_ASSIGN_OR_RETURN(RevisionPath path, graph.Path(start, way.to, direction));
  std::set<std::string> applied = graph.Ancestors(start);
  const std::vector<std::string> first = graph.HeadsOf(applied);
  std::set<std::string> heads(first.begin(), first.end());
  std::string text = absl::StrCat(kSession, kLedger);
  for (const std::string& id : path.revisions) {
    const Revision& revision = folder.at(id);
    const std::set<std::string> before = heads;
    graph.Step(id, direction, applied, heads);
    absl::StrAppend(&text, "\n-- ", HeadText(before), " -> ", HeadText(heads), ": ", revision.message, "\n");
    BONNIE_ASSIGN_OR_RETURN(std::string statements, StatementsText(revision, direction, flavour));
    absl::StrAppend(&text, statements, LedgerText(folder, revision, direction, before, heads));
  }
  return text;
}

}  // namespace bonnie::schema
