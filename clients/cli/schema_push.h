#ifndef BONNIE_CLIENTS_CLI_SCHEMA_PUSH_H_
#define BONNIE_CLIENTS_CLI_SCHEMA_PUSH_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/schema_client.h"

namespace CLI {
class App;
}

namespace bonnie::cli {

class Context;
struct CheckoutSum;

// Where a checkout and a site's migrations are apart: ids, sorted.
struct Apart {
  std::vector<std::string> missing;  // only in the checkout: a push adds them
  std::vector<std::string> edited;   // in both, with other content
  std::vector<std::string> extra;    // only at the site
};

// Asks the site for its revisions. Errors of ListRevisions.
absl::StatusOr<Apart> CompareWithSite(client::SchemaClient& client, const CheckoutSum& sum);

// Names each difference that a push does not mend, and the command that does; nothing when there is none.
std::string ApartText(const std::string& folder, const std::string& site, const Apart& apart);

// Names what only the checkout has, and the command that brings it to the site; nothing when there is nothing.
std::string MissingText(const std::string& folder, const std::string& site, const CheckoutSum& sum, const Apart& apart);

// For verbs that show a site's revisions: names on stderr how the checkout that lies here is apart from them. Nothing
// when there is no checkout, or it or the site cannot be read: those verbs do without.
void NameApart(Context& context, const std::string& site, client::SchemaClient& client, const std::string& checkout);

// What became of a push. kRefused: the site has a revision with other content, and nothing was pushed.
enum class PushResult { kPushed, kNothingMissing, kRefused };

// Adds to the site what only the checkout `folder` has, and says so; names what else is apart on stderr. Errors of
// ListRevisions and PushRevisions.
absl::StatusOr<PushResult> PushMissing(Context& context, const std::string& site, client::SchemaClient& client,
                                       const std::string& folder, const CheckoutSum& sum);

// Adds the verb `push` to the group `schema`. `checkout` is the option --migrations; all outlive the parsing.
void AddPushVerb(CLI::App& group, Context& context, std::string& checkout);

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_SCHEMA_PUSH_H_
