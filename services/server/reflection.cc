#include "services/server/reflection.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "services/server/error_descriptors.h"

namespace bonnie::server {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

// The two versions of the protocol differ in their package only.
struct V1 {
  using Request = grpc::reflection::v1::ServerReflectionRequest;
  using Response = grpc::reflection::v1::ServerReflectionResponse;
  using Service = grpc::reflection::v1::ServerReflection::CallbackService;
  static constexpr char kName[] = "grpc.reflection.v1.ServerReflection";
};
struct V1Alpha {
  using Request = grpc::reflection::v1alpha::ServerReflectionRequest;
  using Response = grpc::reflection::v1alpha::ServerReflectionResponse;
  using Service = grpc::reflection::v1alpha::ServerReflection::CallbackService;
  static constexpr char kName[] = "grpc.reflection.v1alpha.ServerReflection";
};

// A stream that a drain can end.
class Endable {
 public:
  virtual ~Endable() = default;
  virtual void End(const absl::Status& status) = 0;
};

// The open streams. Thread-safe.
class OpenStreams {
 public:
  void Add(Endable* stream) {
    absl::MutexLock lock(&mu_);
    streams_.insert(stream);
    if (ended_) stream->End(ShuttingDown());
  }
  void Remove(Endable* stream) {
    absl::MutexLock lock(&mu_);
    streams_.erase(stream);
  }
  void EndAll() {
    absl::MutexLock lock(&mu_);
    ended_ = true;
    for (Endable* stream : streams_) stream->End(ShuttingDown());
  }

 private:
  absl::Mutex mu_;
  bool ended_ ABSL_GUARDED_BY(mu_) = false;
  absl::flat_hash_set<Endable*> streams_ ABSL_GUARDED_BY(mu_);
};

// Adds `file` after the files it needs, each once.
template <class Files>
void AddWithDependencies(const FileDescriptor& file, absl::flat_hash_set<const FileDescriptor*>& seen, Files& out) {
  if (!seen.insert(&file).second) return;
  for (int i = 0; i < file.dependency_count(); ++i) AddWithDependencies(*file.dependency(i), seen, out);
  google::protobuf::FileDescriptorProto proto;
  file.CopyTo(&proto);
  file.CopyJsonNameTo(&proto);  // without it grpcurl writes first_name where the JSON mapping says firstName
  proto.SerializeToString(out.add_file_descriptor_proto());
}

template <class Response>
void AnswerFile(const FileDescriptor* file, Response& response) {
  if (file == nullptr) {
    response.mutable_error_response()->set_error_code(static_cast<int>(absl::StatusCode::kNotFound));
    response.mutable_error_response()->set_error_message("not found");
    return;
  }
  absl::flat_hash_set<const FileDescriptor*> seen;
  AddWithDependencies(*file, seen, *response.mutable_file_descriptor_response());
}

template <class Response>
void AnswerExtensionNumbers(const std::string& type, Response& response) {
  const auto* message = ReflectionPool().FindMessageTypeByName(type);
  if (message == nullptr) return AnswerFile(nullptr, response);
  std::vector<const FieldDescriptor*> extensions;
  ReflectionPool().FindAllExtensions(message, &extensions);
  auto& answer = *response.mutable_all_extension_numbers_response();
  answer.set_base_type_name(type);
  for (const FieldDescriptor* extension : extensions) answer.add_extension_number(extension->number());
}

template <class Api>
void Answer(const typename Api::Request& request, const std::vector<std::string>& services,
            typename Api::Response& response) {
  using Request = typename Api::Request;
  const auto& pool = ReflectionPool();
  response.Clear();
  response.set_valid_host(request.host());
  *response.mutable_original_request() = request;
  switch (request.message_request_case()) {
    case Request::kFileByFilename:
      return AnswerFile(pool.FindFileByName(request.file_by_filename()), response);
    case Request::kFileContainingSymbol:
      return AnswerFile(pool.FindFileContainingSymbol(request.file_containing_symbol()), response);
    case Request::kFileContainingExtension: {
      const auto& wanted = request.file_containing_extension();
      const auto* type = pool.FindMessageTypeByName(wanted.containing_type());
      const auto* field = type == nullptr ? nullptr : pool.FindExtensionByNumber(type, wanted.extension_number());
      return AnswerFile(field == nullptr ? nullptr : field->file(), response);
    }
    case Request::kAllExtensionNumbersOfType:
      return AnswerExtensionNumbers(request.all_extension_numbers_of_type(), response);
    case Request::kListServices:
      for (const std::string& name : services) response.mutable_list_services_response()->add_service()->set_name(name);
      return;
    case Request::MESSAGE_REQUEST_NOT_SET:
      response.mutable_error_response()->set_error_code(static_cast<int>(absl::StatusCode::kInvalidArgument));
      response.mutable_error_response()->set_error_message("message_request: missing");
  }
}

// One stream: reads a request, answers it, and so on.
template <class Api>
class Stream final : public grpc::ServerBidiReactor<typename Api::Request, typename Api::Response>, public Endable {
 public:
  Stream(Calls& calls, OpenStreams& open, const std::vector<std::string>& services,
         grpc::CallbackServerContext* context)
      : calls_(calls), open_(open), services_(services), context_(context) {}

  void Start() {
    const absl::Status entered = calls_.Enter(*context_, kMethod, record_);
    if (!entered.ok()) return End(entered);
    open_.Add(this);
    this->StartRead(&request_);
  }

  void End(const absl::Status& status) override ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    if (!end_.has_value()) end_ = status;
    if (!writing_) FinishOnce();
  }

 private:
  static constexpr Method kMethod{Api::kName, "ServerReflectionInfo", absl::InfiniteDuration(),
                                  absl::InfiniteDuration(),
                                  /*ungated=*/true};

  void OnReadDone(bool ok) override {
    if (!ok) return End(absl::OkStatus());  // the caller has no more questions
    Answer<Api>(request_, services_, response_);
    absl::MutexLock lock(&mu_);
    record_.CountReceived();
    if (finished_) return;
    record_.CountSent();
    writing_ = true;
    this->StartWrite(&response_);
  }
  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&mu_);
    writing_ = false;
    if (!ok && !end_.has_value()) end_ = absl::CancelledError("the caller went away");
    if (end_.has_value()) return FinishOnce();
    this->StartRead(&request_);
  }
  void OnCancel() override { End(absl::CancelledError("the caller went away")); }
  void OnDone() override {
    open_.Remove(this);
    delete this;
  }

  void FinishOnce() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (finished_) return;
    finished_ = true;
    this->Finish(calls_.Leave(*context_, record_, *end_));
  }

  Calls& calls_;
  OpenStreams& open_;
  const std::vector<std::string>& services_;
  grpc::CallbackServerContext* const context_;
  typename Api::Request request_;    // being read unless writing_
  typename Api::Response response_;  // being written while writing_
  absl::Mutex mu_;
  CallRecord record_;
  absl::optional<absl::Status> end_ ABSL_GUARDED_BY(mu_);
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool finished_ ABSL_GUARDED_BY(mu_) = false;
};

template <class Api>
class Service final : public Api::Service {
 public:
  Service(Calls& calls, OpenStreams& open, const std::vector<std::string>& services)
      : calls_(calls), open_(open), services_(services) {}

  grpc::ServerBidiReactor<typename Api::Request, typename Api::Response>* ServerReflectionInfo(
      grpc::CallbackServerContext* context) override {
    auto* stream = new Stream<Api>(calls_, open_, services_, context);
    stream->Start();
    return stream;
  }

 private:
  Calls& calls_;
  OpenStreams& open_;
  const std::vector<std::string>& services_;
};

}  // namespace

class Reflection::Impl {
 public:
  explicit Impl(Calls& calls) : v1(calls, open, names), v1alpha(calls, open, names) {}

  std::vector<std::string> names;
  OpenStreams open;
  Service<V1> v1;
  Service<V1Alpha> v1alpha;
};

Reflection::Reflection(Calls& calls) : impl_(std::make_unique<Impl>(calls)) {}

Reflection::~Reflection() = default;

void Reflection::List(std::vector<std::string> services) { impl_->names = std::move(services); }

std::vector<grpc::Service*> Reflection::services() { return {&impl_->v1, &impl_->v1alpha}; }

void Reflection::EndStreams() { impl_->open.EndAll(); }

}  // namespace bonnie::server
