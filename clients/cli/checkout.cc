#include "clients/cli/checkout.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/text_width.h"
#include "services/schema/migration_dir.h"  // the files alone: see the README on this arrow

namespace bonnie::cli {
namespace {

std::string ReadFile(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
}

bool IsThere(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

}  // namespace

std::string FindCheckout(const std::string& given, const std::string& folder) {
  if (!given.empty()) return given;
  if (IsThere(folder + "/migrations/versions")) return folder == "." ? "migrations" : folder + "/migrations";
  if (IsThere(folder + "/bonnie.sum")) return folder;
  return "";
}

absl::StatusOr<CheckoutSum> ReadCheckout(const std::string& folder) {
  if (!IsThere(folder + "/versions")) {
    return absl::NotFoundError(absl::StrCat(folder, ": holds no versions/, want a migrations folder"));
  }
  absl::StatusOr<std::shared_ptr<const schema::MigrationFolder>> read = schema::MigrationFolder::ReadUnchecked(folder);
  if (!read.ok()) return absl::FailedPreconditionError(read.status().message());
  const schema::MigrationFolder& migrations = **read;
  CheckoutSum sum{migrations.hash(), {}, migrations.Sum(), ReadFile(folder + "/bonnie.sum")};
  for (const std::string& id : migrations.graph().order()) sum.revisions[id] = migrations.at(id).hash;
  return sum;
}

absl::Status CheckServicesFileName(absl::string_view name) {
  constexpr std::size_t kMaxBytes = 255;  // of Linux
  const bool is_plain = name.size() > 4 && name.size() <= kMaxBytes && absl::EndsWith(name, ".sql") && name[0] != '.' &&
                        name[0] != '-' && !absl::StrContains(name, '/') && Visible(name) == name &&
                        name.find_first_of("\n\t") == absl::string_view::npos;
  if (is_plain) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("the service names a file ", Printable(name),
                                                    ", want a plain name that ends in .sql; nothing was written"));
}

absl::Status WriteSum(const std::string& folder, const CheckoutSum& sum) {
  const std::string file = folder + "/bonnie.sum";
  std::ofstream stream(file + ".new", std::ios::binary);
  stream << sum.text;
  stream.close();
  if (!stream || std::rename((file + ".new").c_str(), file.c_str()) != 0) {
    return absl::InternalError(absl::StrCat(file, ": ", std::strerror(errno)));
  }
  return absl::OkStatus();
}

}  // namespace bonnie::cli
