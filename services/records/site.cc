#include "services/records/site.h"

#include <string>
#include <utility>

#include "bonnie/config/v1/config.pb.h"
#include "services/data_access/executor.h"
#include "services/data_access/mysql_driver.h"
#include "services/data_access/point_reader.h"
#include "services/data_access/pool.h"
#include "services/data_access/status_macros.h"
#include "services/data_access/watchdog.h"
#include "services/records/database_facts.h"
#include "services/records/key_ring.h"
#include "services/records/medical_record_service.h"
#include "services/records/page_token.h"
#include "services/records/patient_service.h"
#include "services/records/request_sweeper.h"
#include "services/records/service_parts.h"
#include "services/records/status_service.h"
#include "services/records/write.h"
#include "services/server/config.h"
#include "services/server/database_config.h"
#include "services/server/probe.h"
#include "services/server/server.h"

namespace bonnie::records {
namespace {

using data_access::Executor;
using data_access::Pool;

data_access::PointReaderOptions ReaderOptions(const config::v1::RecordsConfig& config,
                                              data_access::Delivery& delivery) {
  config::v1::PointReads reads = config.point_reads();
  server::SetDefaults(&reads);  // the whole message may be unset
  data_access::PointReaderOptions options;
  options.max_statements = reads.max_statements();
  options.max_batch = reads.max_batch();
  options.linger = server::ToDuration(reads.linger());
  options.delivery = &delivery;
  return options;
}

// The server's probe, and once for each schema also whether the columns hold what validation lets in.
class SchemaProbe {
 public:
  SchemaProbe(server::DatabaseProbe probe, Pool& pool) : probe_(std::move(probe)), pool_(pool) {}

  absl::StatusOr<server::ProbeResult> operator()(absl::Time deadline) {
    BONNIE_ASSIGN_OR_RETURN(server::ProbeResult result, probe_(deadline));
    if (result.schema_revision != checked_revision_) {
      BONNIE_ASSIGN_OR_RETURN(data_access::Lease session, pool_.Acquire({deadline, nullptr}));
      BONNIE_RETURN_IF_ERROR(CheckColumnWidths(*session));
      checked_revision_ = result.schema_revision;
    }
    return result;
  }

 private:
  server::DatabaseProbe probe_;
  Pool& pool_;
  std::string checked_revision_;
};

}  // namespace

class Site::Impl {
 public:
  Impl(const config::v1::RecordsConfig& config, std::unique_ptr<KeyRing> keys, std::unique_ptr<server::Server> server)
      : keys_(std::move(keys)),
        server_(std::move(server)),
        watchdog_(*driver_, server::ConnectOptionsFrom(config.database(), kProgram.binary)),
        reports_(server_->log(), server_->metrics()),
        pool_(*driver_, &watchdog_, reports_.For(server::PoolOptionsFrom(config.database(), kProgram.binary))),
        executor_(pool_, server::ExecutorOptionsFrom(config.database())),
        patient_reader_(executor_, ReaderOptions(config, server_->calls().delivery()), ReadPatients),
        record_reader_(executor_, ReaderOptions(config, server_->calls().delivery()), ReadMedicalRecords),
        parts_{config.site(), server_->calls(), executor_, page_tokens_, writer_},
        patients_(parts_, patient_reader_),
        medical_records_(parts_, record_reader_),
        status_(parts_, kProgram.version, server::PoolOptionsFrom(config.database(), kProgram.binary).max_sessions),
        sweeper_(pool_) {
    server::AddPoolMetrics(server_->metrics(), pool_, executor_);
    server_->Add(&patients_);
    server_->Add(&medical_records_);
    server_->Add(&status_);
    server_->OnReload("page_token_keys", [this] { return keys_->Reload(); });
    server_->SetProbe(
        SchemaProbe(server::DatabaseProbe(*driver_, server::ConnectOptionsFrom(config.database(), kProgram.binary),
                                          kWantedRevision),
                    pool_));
  }

  // The services outlive the server, and are built with parts of it; database threads deliver answers through it.
  ~Impl() {
    executor_.Drain();
    reports_.Stop();
    server_.reset();
  }

  server::Server& server() { return *server_; }

 private:
  // In the order of their need: each may use those before it, and goes before them.
  const std::unique_ptr<KeyRing> keys_;
  const std::unique_ptr<data_access::Driver> driver_ = data_access::MakeMySqlDriver();
  std::unique_ptr<server::Server> server_;
  const PageTokens page_tokens_{*keys_};
  const Writer writer_{*keys_};
  data_access::Watchdog watchdog_;
  server::PoolReports reports_;
  Pool pool_;
  Executor executor_;
  PatientReader patient_reader_;
  MedicalRecordReader record_reader_;
  const ServiceParts parts_;
  PatientService patients_;
  MedicalRecordService medical_records_;
  StatusService status_;
  RequestSweeper sweeper_;
};

absl::StatusOr<std::unique_ptr<Site>> Site::Create(const config::v1::RecordsConfig& config) {
  const config::v1::PageTokenKeys& files = config.page_token_keys();
  BONNIE_ASSIGN_OR_RETURN(
      std::unique_ptr<KeyRing> keys,
      KeyRing::Open(files.key_file(), {files.previous_key_files().begin(), files.previous_key_files().end()}));
  BONNIE_ASSIGN_OR_RETURN(std::unique_ptr<server::Server> server,
                          server::Server::Create(kProgram, config.site(), config.server()));
  return std::unique_ptr<Site>(new Site(std::make_unique<Impl>(config, std::move(keys), std::move(server))));
}

Site::Site(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Site::~Site() = default;

absl::Status Site::Run() { return impl_->server().Run(); }
void Site::Stop() { impl_->server().Stop(); }
int Site::port() const { return impl_->server().port(); }

}  // namespace bonnie::records
