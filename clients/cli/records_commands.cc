#include "clients/cli/records_commands.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/context.h"
#include "clients/cli/list_command.h"
#include "clients/cli/option_checks.h"
#include "clients/cli/resource_text.h"
#include "clients/cli/write_options.h"

namespace bonnie::cli {
namespace {

using client::RecordsClient;
using records::v1::MedicalRecord;

void PrintCard(Context& context, const std::string& site, const MedicalRecord& record) {
  context.output().Card(site, RecordColumns(), RecordCells(record), record);
}

void AddList(CLI::App& group, Context& context) {
  auto options = std::make_shared<ListOptions>();
  auto patient_id = std::make_shared<int64_t>(0);
  CLI::App* verb = group.add_subcommand("list", "List medical records: of one patient by admission date, else by id");
  verb->add_option("--patient,--patient-id", *patient_id, "Only this patient's")
      ->check(Id())
      ->type_name("ID");
  AddListOptions(*verb, *options);
  verb->footer("\nExample:\n  bonnie records list --patient 7");
  verb->callback([&context, options, patient_id] {
    const Reach reach = *patient_id == 0 ? Reach::kManySites : Reach::kOneSite;  // an id belongs to its site
    context.WithRecords(reach, [&](const std::string& site, RecordsClient& client) {
      records::v1::ListMedicalRecordsRequest request;
      request.set_patient_id(*patient_id);
      request.set_show_deleted(options->show_deleted);
      request.set_page_size(PageSize(*options));
      return PrintItems(context, *options, RecordColumns(), client.MedicalRecords(request),
                        [&](const MedicalRecord& record) { context.output().Row(site, RecordCells(record), record); });
    });
  });
}

void AddGet(CLI::App& group, Context& context) {
  auto ids = std::make_shared<std::vector<int64_t>>();
  auto allow_missing = std::make_shared<bool>(false);
  CLI::App* verb = group.add_subcommand("get", "Show medical records by their ids, deleted ones too");
  verb->add_option("ID", *ids, "Ids of medical records, at most 200")->check(Id())->required();
  verb->add_flag("--allow-missing", *allow_missing, "Show those that are there, and name the others");
  verb->footer("\nExample:\n  bonnie records get 4711");
  verb->callback([&context, ids, allow_missing] {
    context.WithRecords(Reach::kOneSite, [&](const std::string& site, RecordsClient& client) -> absl::Status {
      if (ids->size() == 1 && !*allow_missing) {
        records::v1::GetMedicalRecordRequest request;
        request.set_id(ids->front());
        auto response = client.GetMedicalRecord(request);
        if (response.ok()) PrintCard(context, site, response->medical_record());
        return response.status();
      }
      records::v1::BatchGetMedicalRecordsRequest request;
      request.mutable_ids()->Assign(ids->begin(), ids->end());
      request.set_allow_missing(*allow_missing);
      auto response = client.BatchGetMedicalRecords(request);
      if (!response.ok()) return response.status();
      context.output().BeginList(RecordColumns());
      for (const MedicalRecord& record : response->medical_records()) {
        context.output().Row(site, RecordCells(record), record);
      }
      SayWhatIsMissing(context, response->missing_ids());
      return absl::OkStatus();
    });
  });
}

void AddFieldOptions(CLI::App& verb, MedicalRecord& record, bool required) {
  verb.add_option_function<std::string>(
          "--diagnosis", [&](const std::string& text) { record.set_diagnosis(text); }, "1 to 2,000 characters")
      ->required(required);
  verb.add_option_function<std::string>(
      "--treatment", [&](const std::string& text) { record.set_treatment(text); }, "At most 10,000 characters");
  AddDateOption(verb, "--admission-date", "Not before the patient's birth", [&](const type::v1::Date& date) {
    *record.mutable_admission_date() = date;
  })->required(required);
  AddDateOption(verb, "--discharge-date", "Left out while the stay lasts",
                [&](const type::v1::Date& date) { *record.mutable_discharge_date() = date; });
}

void AddCreate(CLI::App& group, Context& context) {
  auto request = std::make_shared<records::v1::CreateMedicalRecordRequest>();
  MedicalRecord& record = *request->mutable_medical_record();
  CLI::App* verb = group.add_subcommand("create", "Create a medical record of a patient");
  verb->add_option_function<int64_t>(
          "--patient,--patient-id", [&record](int64_t id) { record.set_patient_id(id); }, "Id of the patient")
      ->check(Id())
      ->type_name("ID")
      ->required();
  AddFieldOptions(*verb, record, true);
  verb->add_option_function<std::string>(
      "--source-key", [&record](const std::string& text) { record.set_source_key(text); },
      "Where the row comes from; unique, so that a second create with it is refused");
  AddWriteOptions(*verb, *request);
  verb->footer(
      "\nExample:\n  bonnie records create --patient 7 --diagnosis 'Acute bronchitis' --admission-date 2026-11-20");
  verb->callback([&context, request] {
    context.WithRecords(Reach::kOneSite, [&](const std::string& site, RecordsClient& client) {
      auto response = client.CreateMedicalRecord(*request);
      if (response.ok()) PrintCard(context, site, response->medical_record());
      return response.status();
    });
  });
}

void AddUpdate(CLI::App& group, Context& context) {
  auto request = std::make_shared<records::v1::UpdateMedicalRecordRequest>();
  auto clear = std::make_shared<std::vector<std::string>>();
  MedicalRecord& record = *request->mutable_medical_record();
  record.set_etag("*");
  CLI::App* verb = group.add_subcommand("update", "Change the given fields of a medical record");
  verb->add_option_function<int64_t>(
          "ID", [&record](int64_t id) { record.set_id(id); }, "Id of the medical record")
      ->check(Id())
      ->required();
  AddFieldOptions(*verb, record, false);
  verb->add_option("--clear", *clear, "Field to empty: treatment or discharge_date")
      ->check(OneOf({"treatment", "discharge_date"}))
      ->type_name("FIELD")
      ->allow_extra_args(false);
  AddEtagOption(*verb, *record.mutable_etag());
  AddWriteOptions(*verb, *request);
  verb->footer("\nExample:\n  bonnie records update 4711 --discharge-date 2026-11-23");
  verb->callback([&context, request, clear] {
    if (absl::Status mask = SetMask(request->medical_record(), *clear, *request->mutable_update_mask()); !mask.ok())
      return context.ReportWrongUse(absl::StrCat("records update: ", mask.message()));
    context.WithRecords(Reach::kOneSite, [&](const std::string& site, RecordsClient& client) {
      auto response = client.UpdateMedicalRecord(*request);
      if (response.ok()) PrintCard(context, site, response->medical_record());
      return response.status();
    });
  });
}

void AddDelete(CLI::App& group, Context& context) {
  auto request = std::make_shared<records::v1::DeleteMedicalRecordRequest>();
  request->set_etag("*");
  CLI::App* verb = group.add_subcommand("delete", "Delete a medical record softly: still readable by id");
  verb->add_option_function<int64_t>(
          "ID", [request](int64_t id) { request->set_id(id); }, "Id of the medical record")
      ->check(Id())
      ->required();
  verb->add_flag_callback(
      "--allow-missing", [request] { request->set_allow_missing(true); }, "No error when it is not there");
  AddEtagOption(*verb, *request->mutable_etag());
  AddWriteOptions(*verb, *request);
  verb->footer("\nExample:\n  bonnie records delete 4711");
  verb->callback([&context, request] {
    context.WithRecords(Reach::kOneSite, [&](const std::string& site, RecordsClient& client) {
      auto response = client.DeleteMedicalRecord(*request);
      if (response.ok() && response->has_medical_record()) PrintCard(context, site, response->medical_record());
      return response.status();
    });
  });
}

}  // namespace

void AddRecordsCommands(CLI::App& app, Context& context) {
  CLI::App* group = app.add_subcommand("records", "Medical records: list, get, create, update, delete");
  group->require_subcommand(1);
  AddList(*group, context);
  AddGet(*group, context);
  AddCreate(*group, context);
  AddUpdate(*group, context);
  AddDelete(*group, context);
}

}  // namespace bonnie::cli
