// bonnie-records: serves the patients and medical records of one site.
#include "services/records/site.h"
#include "services/server/program.h"

int main(int argc, char** argv) {
  using bonnie::records::kProgram;
  return bonnie::server::ProgramMain(argc, argv, kProgram, [](const bonnie::config::v1::RecordsConfig& config) {
    absl::StatusOr<std::unique_ptr<bonnie::records::Site>> site = bonnie::records::Site::Create(config);
    return site.ok() ? (*site)->Run() : site.status();
  });
}
