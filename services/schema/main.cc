// bonnie-schema: looks at one site's schema and migrates it.
#include "services/schema/site.h"
#include "services/server/program.h"

int main(int argc, char** argv) {
  using bonnie::schema::kProgram;
  return bonnie::server::ProgramMain(argc, argv, kProgram, [](const bonnie::config::v1::SchemaConfig& config) {
    absl::StatusOr<std::unique_ptr<bonnie::schema::Site>> site = bonnie::schema::Site::Create(config);
    return site.ok() ? (*site)->Run() : site.status();
  });
}
