#include "services/schema/forecast_walk.h"

#include <map>
#include <memory>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "services/data_access/status_macros.h"
#include "services/schema/alter_clause.h"
#include "services/schema/create_table.h"
#include "services/schema/ddl_session.h"
#include "services/schema/forecast_clone.h"
#include "services/schema/forecast_live.h"
#include "services/schema/forecast_probe.h"
#include "services/schema/forecast_rows.h"
#include "services/schema/forecast_rules.h"
#include "services/schema/forecast_values.h"
#include "services/schema/scratch.h"
#include "services/schema/sql_splitter.h"
#include "services/schema/statement_facts.h"

namespace bonnie::schema {

namespace {

using data_access::Flavour;

// CREATE TABLE … SELECT.
bool SelectsRows(absl::string_view sql) {
  return absl::c_any_of(Tokenize(sql),
                        [](const Token& token) { return token.kind == Token::Kind::kWord && token.text == "select"; });
}

// CREATE TABLE … LIKE or SELECT: what it makes may show what the clone of the other table shows otherwise.
bool CopiesTable(absl::string_view sql) {
  const std::vector<Token> tokens = Tokenize(sql);
  for (size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (tokens[i].kind != Token::Kind::kWord) continue;
    if (tokens[i].text == "select" || (tokens[i].text == "like" && !tokens[i + 1].name.empty())) return true;
  }
  return false;
}

// A live table on its way through the plan.
struct Walked {
  const LiveTable* live;
  Clone* clone = nullptr;              // null: not tried
  Table table;                         // as it is on the clone now
  bool rows_changed = false;           // by an earlier step of the plan
  std::int64_t row_versions = 0;       // that the live table will have used by now
  absl::optional<InnodbFacts> inside;  // of the clone; nullopt: not known now
};

// Goes through the steps of a plan in order and foretells each.
class Walk {
 public:
  Walk(LiveSchema& live, ScratchDatabase* scratch, std::string untried)
      : live_(live), scratch_(scratch), untried_(std::move(untried)), flavour_(live.setting().flavour) {}

  // Clones what the steps alter, and `needed`, tables that they read.
  absl::Status Begin(const std::set<std::string>& touched, const std::vector<std::string>& needed) {
    for (const std::string& key : touched) {
      const LiveTable& live = live_.tables().at(key);
      walked_[key] = {.live = &live, .table = live.table};
    }
    if (scratch_ == nullptr) return absl::OkStatus();
    clones_ = std::make_unique<Clones>(live_, *scratch_);
    std::set<std::string> whole = touched;
    for (const std::string& table : needed) {
      if (live_.Find(table) != nullptr) whole.insert(live_.Key(table));
    }
    BONNIE_RETURN_IF_ERROR(clones_->Make(whole));
    for (auto& [key, walked] : walked_) {
      walked.clone = clones_->Find(key);
      walked.row_versions = walked.clone->row_versions;
    }
    return absl::OkStatus();
  }

  absl::StatusOr<StepForecast> Take(const PlanStep& step) {
    StepForecast forecast{.sql = step.sql};
    if (step.already_done) {
      Settle(&forecast, Algorithm::kNone, LockLevel::kNone, ForecastBasis::kRule);
      forecast.notes.push_back("has run already");
      return forecast;
    }
    if (!step.facts.is_ddl || !OnlyTables(step.facts)) {
      if (!step.facts.is_ddl) RememberRows(step.sql);
      Settle(&forecast, Algorithm::kNone, LockLevel::kNone, ForecastBasis::kRule);
      return forecast;
    }
    const auto walked = walked_.find(live_.Key(step.facts.objects[0].name));
    const absl::optional<AlterStatement> statement = ReadAlterStatement(step.sql);
    if (walked == walked_.end() || !statement.has_value()) {
      BONNIE_RETURN_IF_ERROR(RunPlainly(step, walked == walked_.end() ? nullptr : &walked->second, &forecast));
    } else {
      BONNIE_RETURN_IF_ERROR(Alter(step, *statement, &walked->second, &forecast));
    }
    Follow(step);
    return forecast;
  }

  // Live tables before and after; none once a statement was refused, for what follows is not what will be.
  std::vector<std::pair<Table, Table>> Altered() const {
    std::vector<std::pair<Table, Table>> altered;
    for (const auto& [key, walked] : walked_) {
      if (!broken_ && walked.clone != nullptr && !walked.table.columns.empty()) {
        altered.emplace_back(walked.live->table, walked.table);
      }
    }
    return altered;
  }

 private:
  // Why `walked` cannot be tried; empty when it can.
  std::string Trouble(const Walked* walked) const {
    if (scratch_ == nullptr) return untried_;
    if (broken_) return "not tried: an earlier statement of the plan is refused";
    return walked == nullptr || walked->clone == nullptr ? "" : walked->clone->trouble;
  }

  // What comes after it cannot be tried.
  void Break(absl::string_view words, StepForecast* forecast) {
    forecast->notes.push_back(std::string(words));
    broken_ = true;
  }

  void Refused(absl::string_view words, StepForecast* forecast) {
    forecast->refused = true;
    Break(words, forecast);
  }

  void Describe(const Walked& walked, StepForecast* forecast) const {
    forecast->rows = walked.live->rows;
    forecast->bytes = walked.live->bytes;
    if (!walked.live->holders.empty()) forecast->notes.push_back(walked.live->holders);
  }

  // CREATE, DROP and RENAME TABLE, and whatever alters a table that is new.
  absl::Status RunPlainly(const PlanStep& step, const Walked* walked, StepForecast* forecast) {
    const bool renames = step.facts.objects.size() > 1 && walked != nullptr;
    Settle(forecast, renames ? Algorithm::kInstant : Algorithm::kNone,
           walked != nullptr ? LockLevel::kExclusive : LockLevel::kNone, ForecastBasis::kRule);
    if (walked != nullptr) Describe(*walked, forecast);
    if (const std::string trouble = Trouble(walked); !trouble.empty()) {
      forecast->notes.push_back(trouble);
      return absl::OkStatus();
    }
    if (SelectsRows(step.sql)) {  // scratch has none, and what is selected may take as long as it likes
      Break("not tried: what it makes depends on rows", forecast);
      return absl::OkStatus();
    }
    const absl::Status ran =
        scratch_->Run({{step.sql, "the server refuses the statement"}}, /*check_foreign_keys=*/true);
    if (EndsForecast(ran)) return ran;
    if (!ran.ok()) {
      Refused(ran.message(), forecast);
      return absl::OkStatus();
    }
    return Expect(step, CopiesTable(step.sql), forecast);
  }

  absl::Status Alter(const PlanStep& step, const AlterStatement& statement, Walked* walked, StepForecast* forecast) {
    Describe(*walked, forecast);
    const bool by_rule = flavour_ == Flavour::kMariaDb && statement.partitions != PartitionWork::kNone;
    if (by_rule) SettlePartitionWork(statement.partitions, forecast);
    if (const std::string trouble = Trouble(walked); !trouble.empty()) {
      forecast->notes.push_back(trouble);
      forecast->values = UnknownValueLosses(statement);
      return absl::OkStatus();
    }
    const bool own_wish = !statement.own_algorithm.empty() || !statement.own_lock.empty();
    if (own_wish || by_rule) {
      BONNIE_RETURN_IF_ERROR(RunByRule(step, statement, own_wish, forecast));
    } else {
      BONNIE_RETURN_IF_ERROR(RunProbed(statement, walked, forecast));
    }
    if (broken_) {
      forecast->values = UnknownValueLosses(statement);
      for (std::string& note : SplitNotes(statement, *forecast, 0)) forecast->notes.push_back(std::move(note));
      return absl::OkStatus();
    }
    BONNIE_ASSIGN_OR_RETURN(const bool loses_index, LookAtResult(step, statement, walked, forecast));
    for (std::string& note : SizeNotes(*forecast, live_.online_log_bytes())) forecast->notes.push_back(std::move(note));
    return Expect(step, loses_index, forecast);
  }

  // A statement whose own clause stays, or where the server's answer about the clause means nothing.
  absl::Status RunByRule(const PlanStep& step, const AlterStatement& statement, bool own_wish, StepForecast* forecast) {
    if (own_wish) {
      SettleOwnWish(statement, flavour_, forecast);
    } else if (!StandsAlone(statement.partitions)) {
      forecast->clause = "ALGORITHM=COPY, LOCK=SHARED";
      forecast->sql = WithClause(statement, forecast->clause, flavour_);
    } else if (!forecast->blocks_writes) {
      forecast->notes.push_back("wants the table for itself for the moment that it takes");
    }
    const absl::Status ran =
        scratch_->Run({{forecast->sql, "the server refuses the statement"}}, /*check_foreign_keys=*/true);
    if (EndsForecast(ran)) return ran;
    if (!ran.ok()) Refuse(step, ran.message(), forecast);
    return absl::OkStatus();
  }

  void Refuse(const PlanStep& step, absl::string_view words, StepForecast* forecast) {
    Settle(forecast, Algorithm::kUnknown, LockLevel::kUnknown, ForecastBasis::kUnknown);
    forecast->clause.clear();
    forecast->sql = step.sql;
    Refused(words, forecast);
  }

  absl::Status RunProbed(const AlterStatement& statement, Walked* walked, StepForecast* forecast) {
    const bool adds_version = flavour_ == Flavour::kMySql && absl::c_any_of(statement.clauses, AddsOrDropsColumn);
    const std::int64_t most = MaxRowVersions(live_.version());
    const bool used_up = adds_version && walked->row_versions >= most;
    const bool needs_ids = flavour_ == Flavour::kMySql && !absl::c_all_of(statement.clauses, LeavesRowsAlone) &&
                           statement.partitions == PartitionWork::kNone;
    if (needs_ids && !walked->inside.has_value()) {
      BONNIE_ASSIGN_OR_RETURN(walked->inside, clones_->Inside(statement.table));
    }
    BONNIE_ASSIGN_OR_RETURN(const Probe probe,
                            ProbeAlter(*scratch_, statement, flavour_, used_up || walked->clone->has_unknown_past));
    if (!probe.refusal.empty()) {
      Settle(forecast, Algorithm::kUnknown, LockLevel::kUnknown, ForecastBasis::kUnknown);
      Refused(probe.refusal, forecast);
      return absl::OkStatus();
    }
    if (!probe.clause.empty()) {
      forecast->clause = probe.clause;
      forecast->sql = WithClause(statement, probe.clause, flavour_);
    } else {
      forecast->notes.push_back("the server takes no ALGORITHM in this statement, so what it does is not known");
    }
    Settle(forecast, probe.algorithm, probe.lock, ForecastBasis::kProbed);
    if (probe.algorithm == Algorithm::kInplace && flavour_ == Flavour::kMySql) {
      BONNIE_RETURN_IF_ERROR(TellRebuild(statement, needs_ids, walked, forecast));
    } else if (probe.algorithm != Algorithm::kInstant) {
      walked->inside.reset();
    }
    CountVersions(adds_version, walked, *forecast);
    NoteWhatCloneLacks(*walked, used_up, most, forecast);
    for (std::string& note : SplitNotes(statement, *forecast, probe.instant_clauses)) {
      forecast->notes.push_back(std::move(note));
    }
    return absl::OkStatus();
  }

  // MySQL's INPLACE is one word for both; a table that was built anew has another number inside InnoDB.
  absl::Status TellRebuild(const AlterStatement& statement, bool needs_ids, Walked* walked, StepForecast* forecast) {
    if (statement.partitions != PartitionWork::kNone) {
      if (statement.partitions == PartitionWork::kSpread) {
        Settle(forecast, Algorithm::kRebuild, forecast->lock, ForecastBasis::kProbed);
      }
      walked->inside.reset();
      return absl::OkStatus();
    }
    if (!needs_ids) return absl::OkStatus();
    const absl::optional<InnodbFacts> before = std::move(walked->inside);
    BONNIE_ASSIGN_OR_RETURN(walked->inside, clones_->Inside(statement.table));
    if (!before.has_value() || !walked->inside.has_value()) {
      forecast->notes.push_back("whether it builds the table anew could not be seen, so it is taken for a rebuild");
      Settle(forecast, Algorithm::kRebuild, forecast->lock, ForecastBasis::kProbed);
    } else if (before->ids != walked->inside->ids) {
      Settle(forecast, Algorithm::kRebuild, forecast->lock, ForecastBasis::kProbed);
    }
    return absl::OkStatus();
  }

  static void CountVersions(bool adds_version, Walked* walked, const StepForecast& forecast) {
    if (forecast.rebuilds) walked->row_versions = 0;
    if (adds_version && forecast.algorithm == Algorithm::kInstant) ++walked->row_versions;
  }

  void NoteWhatCloneLacks(const Walked& walked, bool used_up, std::int64_t most, StepForecast* forecast) const {
    const std::string& name = walked.live->table.name;
    if (used_up) {
      forecast->notes.push_back(absl::StrCat(name, " has used up the ", most,
                                             " columns that can be added or dropped instantly until it is rebuilt"));
    }
    if (walked.clone->has_unknown_past) {
      forecast->notes.push_back(absl::StrCat(name, " has hidden columns that its clone lacks (InnoDB counts ",
                                             walked.clone->live_columns,
                                             " columns), so this is foretold as not instant"));
    }
    if (!walked.clone->looked_inside && walked.live->table.option("ENGINE") == "InnoDB") {
      forecast->notes.push_back(
          "row versions and hidden columns could not be seen (that needs PROCESS and a scratch database on the same "
          "server): the statement may be refused where they matter");
    }
  }

  // What the clone became. Answers whether an index may be gone that the clone still has.
  absl::StatusOr<bool> LookAtResult(const PlanStep& step, const AlterStatement& statement, Walked* walked,
                                    StepForecast* forecast) {
    BONNIE_ASSIGN_OR_RETURN(const absl::optional<std::string> text,
                            scratch_->ShowCreate(step.facts.objects.back().name));
    absl::StatusOr<Table> after = absl::UnknownError("");
    if (text.has_value() && !walked->table.columns.empty()) after = ParseCreateTable(*text);
    if (!after.ok()) {
      forecast->values = UnknownValueLosses(statement);
      return true;
    }
    forecast->values = ValueLosses(walked->table, *after, statement, live_.setting().server_in_utc);
    forecast->drops_computed = !step.facts.loss.empty() && DropsComputedOnly(walked->table, *after, statement);
    BONNIE_ASSIGN_OR_RETURN(std::vector<std::string> notes, NotesOnRows(*walked, *after));
    for (std::string& note : notes) forecast->notes.push_back(std::move(note));
    const bool loses_index = MayLoseIndex(walked->table, *after);
    walked->table = *std::move(after);
    return loses_index;
  }

  absl::StatusOr<std::vector<std::string>> NotesOnRows(const Walked& walked, const Table& after) {
    if (walked.table.create_statement != walked.live->table.create_statement || walked.rows_changed) {
      std::vector<std::string> notes;
      for (const RowQuestion& question : RowQuestions(walked.table, after)) {
        notes.push_back(absl::StrCat(
            "rows not checked, because earlier steps change the table; the statement fails if ", question.what));
      }
      return notes;
    }
    return CheckRows(live_, walked.live->table, after);
  }

  // The fingerprint after the step, where scratch tells it as the live database will.
  absl::Status Expect(const PlanStep& step, bool uncertain, StepForecast* forecast) {
    std::string text;
    bool known = !uncertain;
    for (const SchemaObject& object : step.facts.objects) {
      BONNIE_ASSIGN_OR_RETURN(const absl::optional<std::string> create, scratch_->ShowCreate(object.name));
      const auto walked = walked_.find(live_.Key(step.facts.objects[0].name));
      if (create.has_value() && walked != walked_.end()) known = known && walked->second.clone->reads_the_same;
      text += FingerprintText(object, create);
    }
    if (known) forecast->expected_after = Sha256Hex(text);
    return absl::OkStatus();
  }

  // Tables go and take other names.
  void Follow(const PlanStep& step) {
    const std::vector<Token> tokens = Tokenize(step.sql);
    const std::string key = live_.Key(step.facts.objects[0].name);
    const bool drops = tokens.size() > 1 && tokens[0].text == "drop" && tokens[1].text == "table";
    if (drops) walked_.erase(key);
    if (step.facts.objects.size() < 2) return;
    auto moved = walked_.extract(key);
    if (moved.empty()) return;
    moved.key() = live_.Key(step.facts.objects[1].name);
    walked_.erase(moved.key());
    walked_.insert(std::move(moved));
  }

  void RememberRows(absl::string_view sql) {
    for (const Token& token : Tokenize(sql)) {
      if (token.name.empty()) continue;
      if (const auto found = walked_.find(live_.Key(token.name)); found != walked_.end()) {
        found->second.rows_changed = true;
      }
    }
  }

  LiveSchema& live_;
  ScratchDatabase* const scratch_;  // null: nothing is tried
  const std::string untried_;       // why
  const Flavour flavour_;
  std::unique_ptr<Clones> clones_;
  std::map<std::string, Walked> walked_;  // live tables by key
  bool broken_ = false;                   // a statement was refused: what follows it is not what will be
};

}  // namespace

absl::Status WalkPlan(const WalkBegin& begin, const std::vector<const PlanStep*>& steps, PlanForecast* forecast) {
  Walk walk(begin.live, begin.scratch, begin.untried);
  BONNIE_RETURN_IF_ERROR(walk.Begin(begin.touched, begin.needed));
  for (const PlanStep* step : steps) {
    BONNIE_ASSIGN_OR_RETURN(StepForecast one, walk.Take(*step));
    forecast->steps.push_back(std::move(one));
  }
  forecast->altered = walk.Altered();
  forecast->server_in_utc = begin.live.setting().server_in_utc;
  return absl::OkStatus();
}

}  // namespace bonnie::schema
