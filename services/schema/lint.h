#ifndef BONNIE_SERVICES_SCHEMA_LINT_H_
#define BONNIE_SERVICES_SCHEMA_LINT_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "services/schema/diff.h"
#include "services/schema/model.h"

namespace bonnie::schema {

// Rules about schemas and about changes of them: what is there and does harm later, what a change does to rows and to
// whoever reads and writes meanwhile. Each rule is a file of lint_rules/. Codes are stable: Atlas's where it has the
// rule (DS102), else Skeema's or Spirit's (dupe-index), else our own. All of this is pure and thread-safe.

// How much a rule's findings weigh. What is ignored is not looked for.
enum class Severity { kIgnore, kNotice, kWarning, kError };

absl::string_view SeverityName(Severity severity);  // "ignore", "notice", "warning", "error"
// nullopt: `name` is none of these.
absl::optional<Severity> SeverityNamed(absl::string_view name);

// What a rule looks at.
enum class RuleSubject {
  kSchema,    // one schema
  kChange,    // what differs between two
  kText,      // SQL as a person wrote it
  kForecast,  // a statement of which a forecast says that it makes writes wait
};

struct RuleInfo {
  std::string code;
  Severity severity = Severity::kWarning;  // unless the options say otherwise
  RuleSubject subject = RuleSubject::kSchema;
  std::string name;            // a few words, such as "table dropped"
  std::string harm;            // one sentence: what happens to whom
  bool drops_data = false;     // of every finding of it
  bool blocks_writes = false;  // likewise
};

// All rules: those about schemas first, then changes, texts, forecasts; each sort by code.
const std::vector<RuleInfo>& Rules();
// Null: there is no such rule.
const RuleInfo* FindRule(absl::string_view code);
// What `--allow` takes besides a rule's code. `data-loss` stands for every finding that drops data (in `nolint`, too),
// `blocks-writes` for every finding that keeps writers waiting.
inline constexpr char kDataLossCode[] = "data-loss";
// Of a statement that drops data of which its file says, by `-- keeps:`, that it is held elsewhere.
inline constexpr char kKeptElsewhereCode[] = "kept-elsewhere";
inline constexpr char kBlocksWritesCode[] = "blocks-writes";
inline constexpr char kRefusedCode[] = "refused";             // a statement that the server refused when it was tried
inline constexpr char kStampContradictsCode[] = "stamp-contradicts";  // a stamp at what the database is not
// Statements run without the forecast's ALGORITHM and LOCK.
inline constexpr char kAnyAlgorithmCode[] = "any-algorithm";
// A statement may change values of rows.
inline constexpr char kValueChangeCode[] = "value-change";
// Continues an operation after a statement whose result differs from the forecast.
inline constexpr char kUnforeseenCode[] = "unforeseen-change";

struct Finding {
  std::string code;
  Severity severity = Severity::kWarning;
  std::string table;        // empty where the finding is about no table
  std::string object;       // column, index, constraint, or the stored object's name; empty for the table itself
  std::string description;  // begins with the place: "patients.email: …"
  bool drops_data = false;  // rows or values go, or lose part of what they hold
  bool blocks_writes = false;
  friend bool operator==(const Finding&, const Finding&) = default;
};

// What somebody decided about rules.
struct LintOptions {
  std::map<std::string, Severity> severities;  // by code; others keep their own
  // More that a rule lets pass: `charset` character sets, `engine` engines, `definer` accounts ("app@%"), `pk-type`
  // types.
  std::map<std::string, std::set<std::string>> allowed;
  // By table: codes that its file says not to look for (`-- nolint: CODE why`), or data-loss.
  std::map<std::string, std::set<std::string>> nolint;
};

// kInvalidArgument: a code of the options is no rule's; the message names it.
absl::Status CheckCodes(const LintOptions& options);

// What is to be said about a schema as it stands, by table, then in the order of Rules().
std::vector<Finding> LintSchema(const Schema& schema, const LintOptions& options = {});

// What is to be said about the way from `from` to `to`, whose difference is `difference`; in its order.
std::vector<Finding> LintChanges(const Schema& from, const Schema& to, const Difference& difference,
                                 const LintOptions& options = {});

// What is to be said about a statement as it is written, which the schemas that it makes do not show.
std::vector<Finding> LintText(absl::string_view sql, const LintOptions& options = {});

// Names what makes a statement keep writers waiting: the code of a kForecast rule, "blocks-writes" where none fits
// better. For a statement of which a forecast says so: the text alone does not tell. `changes`: what the revision
// changes, where that is known; with it a new type is told from a new character set.
absl::string_view BlockingCode(absl::string_view sql, const std::vector<Change>& changes = {});
// The same as a finding about `table`; nullopt where the options ignore it.
absl::optional<Finding> LintBlocking(absl::string_view sql, const std::string& table, const LintOptions& options = {},
                                     const std::vector<Change>& changes = {});

// The code of a comment `nolint: CODE why`, without its dashes; nullopt where the comment is none.
// kInvalidArgument: it names no rule; the message says what is wanted.
absl::StatusOr<absl::optional<std::string>> NolintCode(absl::string_view comment);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_LINT_H_
