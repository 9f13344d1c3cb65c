// SchemaService's handler that lints.
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/data_access/status_macros.h"
#include "services/schema/lint_sources.h"
#include "services/schema/model_convert.h"
#include "services/schema/schema_service.h"

namespace bonnie::schema {

namespace {

using server::UnaryCall;

constexpr server::Method kLintSchema{"bonnie.schema.v1.SchemaService", "LintSchema", absl::Seconds(30),
                                     absl::Minutes(10)};

static_assert(static_cast<int>(Severity::kIgnore) + 1 == v1::LINT_SEVERITY_IGNORE);
static_assert(static_cast<int>(Severity::kError) + 1 == v1::LINT_SEVERITY_ERROR);

absl::Status AddRules(const v1::LintSchemaRequest& request, LintOptions* options) {
  std::vector<server::FieldViolation> violations;
  for (int i = 0; i < request.rules_size(); ++i) {
    const v1::RuleSeverity& rule = request.rules(i);
    const bool known = rule.severity() >= v1::LINT_SEVERITY_IGNORE && rule.severity() <= v1::LINT_SEVERITY_ERROR;
    if (!known)
      violations.push_back({absl::StrCat("rules[", i, "].severity"), "want IGNORE, NOTICE, WARNING or ERROR"});
    options->severities[rule.code()] = static_cast<Severity>(known ? rule.severity() - 1 : 0);
  }
  if (!violations.empty()) return InvalidRequest(std::move(violations));
  const absl::Status codes = CheckCodes(*options);
  if (codes.ok()) return codes;
  return server::Error(codes.code(), absl::StrCat("rules: ", codes.message()), {.reason = "RULE_UNKNOWN"});
}

void Fill(const LintResult& result, v1::LintSchemaResponse* response) {
  for (const Finding& finding : result.findings) {
    v1::LintFinding* message = response->add_findings();
    message->set_code(finding.code);
    message->set_severity(static_cast<v1::LintSeverity>(static_cast<int>(finding.severity) + 1));
    message->set_table(finding.table);
    message->set_object(finding.object);
    message->set_description(finding.description);
    message->set_harm(FindRule(finding.code)->harm);
    message->set_drops_data(finding.drops_data);
    message->set_blocks_writes(finding.blocks_writes);
    const auto file = result.files.find(finding.table);
    if (file != result.files.end()) message->set_file(file->second);
  }
}

}  // namespace

grpc::ServerUnaryReactor* SchemaService::LintSchema(grpc::CallbackServerContext* context,
                                                    const v1::LintSchemaRequest* request,
                                                    v1::LintSchemaResponse* response) {
  return parts_.calls.Serve(context, kLintSchema, response, [&](UnaryCall* call) {
    if (parts_.Elsewhere(call, kLintSchema, request, response)) return;
    for (const v1::SchemaSource* source : {&request->source(), &request->from()}) {  // rules ask one server
      if (!parts_.IsLocal(source->site())) {
        return call->Finish(InvalidRequest({{"source.site", "want it empty: name the site in `site`"}}));
      }
    }
    LintOptions options = parts_.sources.lint();
    if (absl::Status valid = AddRules(*request, &options); !valid.ok()) return call->Finish(valid);
    parts_.FinishJob(call, [this, request, response, options](absl::Time deadline) -> absl::Status {
      absl::optional<Source> from;
      if (request->has_from()) from = FromProto(request->from());
      BONNIE_ASSIGN_OR_RETURN(
          const LintResult result,
          LintSources(parts_.sources, parts_.dir, FromProto(request->source()), from, options, deadline));
      Fill(result, response);
      return absl::OkStatus();
    });
  });
}

}  // namespace bonnie::schema
