#ifndef BONNIE_CLIENTS_CLI_OPERATION_VIEW_H_
#define BONNIE_CLIENTS_CLI_OPERATION_VIEW_H_

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "bonnie/schema/v1/migration_service.pb.h"
#include "clients/cli/context.h"
#include "clients/cli/progress.h"
#include "clients/cpp/follow_operation.h"

namespace bonnie::cli {

// Shows the events of an operation as they come: a line for each statement and a bar for all of them; with --output
// json, each event. Used by one thread at a time; `context` outlives it.
class OperationView {
 public:
  OperationView(Context& context, std::string site) : context_(context), site_(std::move(site)) {}

  // The statements to come, when they are known before.
  void Expect(const schema::v1::Plan& plan);
  void OnEvent(const schema::v1::ApplyPlanResponse& event);
  // Of the last event; empty before the first.
  const std::string& operation_id() const { return operation_id_; }

 private:
  struct Step {
    std::string revision;
    std::string sql;
  };
  Progress& progress();
  void OnLockWait(const schema::v1::LockWait& wait);
  void OnStepDone(const schema::v1::StepDone& done);

  Context& context_;
  const std::string site_;
  std::string operation_id_;
  std::map<int, Step> steps_;  // by index
  int total_ = 0;
  std::unique_ptr<Progress> progress_;    // once `total_` is known
  std::pair<int, int> told_wait_{-1, 0};  // step and attempt whose wait was told
};

// Runs `follow` (ApplyAndFollow or FollowOperation, whose events go to `view`) so that Ctrl-C leaves the operation to
// the service, says how to watch and how to end it, and makes the exit code 130. Answers what `follow` did, or OK then.
absl::Status FollowInTerminal(Context& context, const std::string& site, OperationView& view,
                              absl::FunctionRef<absl::Status(const client::FollowOptions&)> follow);

// A statement in one line, and the first 90 columns of that.
std::string OneLine(std::string sql);
std::string StatementLine(std::string sql);
// "base" for none.
std::string HeadsLine(const google::protobuf::RepeatedPtrField<std::string>& heads);
// As much of an operation's id as people need.
std::string ShortId(const std::string& operation_id);

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_OPERATION_VIEW_H_
