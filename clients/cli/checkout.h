#ifndef BONNIE_CLIENTS_CLI_CHECKOUT_H_
#define BONNIE_CLIENTS_CLI_CHECKOUT_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bonnie::cli {

// The words for a verb that requires a checkout and finds none.
inline constexpr char kNoCheckout[] =
    "no checkout: want ./migrations, a current folder with bonnie.sum, or --migrations DIR; `bonnie schema init` makes "
    "one";

// The migrations folder of the checkout that a person works in: `given` (--migrations) if not empty, else ./migrations,
// else the current folder if it holds bonnie.sum. Empty: none. Looks at `folder` as the current one. Blocks for the
// files.
std::string FindCheckout(const std::string& given, const std::string& folder = ".");

// What bonnie.sum of a checkout is about.
struct CheckoutSum {
  std::string hash;                              // of all
  std::map<std::string, std::string> revisions;  // id -> hash
  std::string text;                              // what bonnie.sum must hold
  std::string written;                           // what it holds; empty when it is not there
};

// Reads the revisions of `folder` and hashes them. Blocks for the files.
// kNotFound: there is no such folder. kFailedPrecondition: a revision file is no revision; names file and line.
absl::StatusOr<CheckoutSum> ReadCheckout(const std::string& folder);

// Whether a service may name a file of the checkout so: a plain name that ends in .sql and begins with neither `.` nor
// `-`. A service that was taken over must not choose where on this machine is written, and a name such as `-rf.sql` is
// an option to the next command that gets it. Pure. kFailedPrecondition: it is another name.
absl::Status CheckServicesFileName(absl::string_view name);

// Writes bonnie.sum: another name first, so that a run cut off leaves the old one. kInternal: why it cannot be written.
absl::Status WriteSum(const std::string& folder, const CheckoutSum& sum);

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_CHECKOUT_H_
