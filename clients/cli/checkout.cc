#include "clients/cli/checkout.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <system_error>

#include "absl/strings/str_cat.h"
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
