#include "clients/cli/patients_commands.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/context.h"
#include "clients/cli/field_text.h"
#include "clients/cli/list_command.h"
#include "clients/cli/option_checks.h"
#include "clients/cli/resource_text.h"
#include "clients/cli/write_options.h"

namespace bonnie::cli {
namespace {

using client::RecordsClient;
using records::v1::Patient;

void PrintCard(Context& context, const std::string& site, const Patient& patient) {
  context.output().Card(site, PatientColumns(), PatientCells(patient), patient);
}

void AddList(CLI::App& group, Context& context) {
  auto options = std::make_shared<ListOptions>();
  CLI::App* verb = group.add_subcommand("list", "List patients by id");
  AddListOptions(*verb, *options);
  verb->footer(
      "\nExamples:\n  bonnie patients list --limit 5\n  bonnie --site all patients list --limit 0 --output csv");
  verb->callback([&context, options] {
    context.WithRecords(Reach::kManySites, [&](const std::string& site, RecordsClient& client) {
      records::v1::ListPatientsRequest request;
      request.set_show_deleted(options->show_deleted);
      request.set_page_size(PageSize(*options));
      return PrintItems(context, *options, PatientColumns(), client.Patients(request),
                        [&](const Patient& patient) { context.output().Row(site, PatientCells(patient), patient); });
    });
  });
}

void AddGet(CLI::App& group, Context& context) {
  auto ids = std::make_shared<std::vector<int64_t>>();
  auto allow_missing = std::make_shared<bool>(false);
  CLI::App* verb = group.add_subcommand("get", "Show patients by their ids, deleted ones too");
  verb->add_option("ID", *ids, "Ids of patients, at most 200")->check(Id())->required();
  verb->add_flag("--allow-missing", *allow_missing, "Show those that are there, and name the others");
  verb->footer("\nExample:\n  bonnie patients get 7 --output json");
  verb->callback([&context, ids, allow_missing] {
    context.WithRecords(Reach::kOneSite, [&](const std::string& site, RecordsClient& client) -> absl::Status {
      if (ids->size() == 1 && !*allow_missing) {
        records::v1::GetPatientRequest request;
        request.set_id(ids->front());
        auto response = client.GetPatient(request);
        if (response.ok()) PrintCard(context, site, response->patient());
        return response.status();
      }
      records::v1::BatchGetPatientsRequest request;
      request.mutable_ids()->Assign(ids->begin(), ids->end());
      request.set_allow_missing(*allow_missing);
      auto response = client.BatchGetPatients(request);
      if (!response.ok()) return response.status();
      context.output().BeginList(PatientColumns());
      for (const Patient& patient : response->patients()) context.output().Row(site, PatientCells(patient), patient);
      SayWhatIsMissing(context, response->missing_ids());
      return absl::OkStatus();
    });
  });
}

// The fields of a patient as options; each says in `patient` what was given.
struct Fields {
  Patient patient;
  std::vector<std::string> clear;  // paths
};

void AddFieldOptions(CLI::App& verb, Fields& fields, bool required) {
  Patient& patient = fields.patient;
  verb.add_option_function<std::string>(
          "--first-name", [&](const std::string& text) { patient.set_first_name(text); }, "1 to 100 characters")
      ->required(required);
  verb.add_option_function<std::string>(
          "--last-name", [&](const std::string& text) { patient.set_last_name(text); }, "1 to 100 characters")
      ->required(required);
  AddDateOption(verb, "--date-of-birth", "From 1880-01-01 to today", [&](const type::v1::Date& date) {
    *patient.mutable_date_of_birth() = date;
  })->required(required);
  verb.add_option_function<std::string>(
          "--gender", [&](const std::string& text) { patient.set_gender(*ParseGender(text)); },
          "female, male, other or unknown")
      ->check(OneOf({"female", "male", "other", "unknown"}))
      ->type_name("WORD")
      ->required(required);
  verb.add_option_function<std::string>(
      "--contact-number", [&](const std::string& text) { patient.set_contact_number(text); }, "5 to 20 of `+0-9 ()-.`");
}

void AddCreate(CLI::App& group, Context& context) {
  auto request = std::make_shared<records::v1::CreatePatientRequest>();
  auto fields = std::make_shared<Fields>();
  CLI::App* verb = group.add_subcommand("create", "Create a patient");
  AddFieldOptions(*verb, *fields, true);
  verb->add_flag_callback(
      "--deceased", [fields] { fields->patient.set_is_deceased(true); }, "The patient has died");
  verb->add_option_function<std::string>(
      "--source-key", [fields](const std::string& text) { fields->patient.set_source_key(text); },
      "Where the row comes from, such as lab:4711; unique, so that a second create with it is refused");
  AddWriteOptions(*verb, *request);
  verb->footer(
      "\nExample:\n  bonnie patients create --first-name Ada --last-name Lovelace --date-of-birth 1990-12-10 "
      "--gender female");
  verb->callback([&context, request, fields] {
    *request->mutable_patient() = fields->patient;
    context.WithRecords(Reach::kOneSite, [&](const std::string& site, RecordsClient& client) {
      auto response = client.CreatePatient(*request);
      if (response.ok()) PrintCard(context, site, response->patient());
      return response.status();
    });
  });
}

void AddUpdate(CLI::App& group, Context& context) {
  auto request = std::make_shared<records::v1::UpdatePatientRequest>();
  auto fields = std::make_shared<Fields>();
  fields->patient.set_etag("*");
  CLI::App* verb = group.add_subcommand("update", "Change the given fields of a patient");
  verb->add_option_function<int64_t>(
          "ID", [fields](int64_t id) { fields->patient.set_id(id); }, "Id of the patient")
      ->check(Id())
      ->required();
  AddFieldOptions(*verb, *fields, false);
  verb->add_option_function<bool>(
          "--deceased", [fields](bool value) { fields->patient.set_is_deceased(value); },
          "Whether the patient has died")
      ->check(OneOf({"true", "false"}))
      ->type_name("true|false");
  verb->add_option("--clear", fields->clear, "Field to empty: contact_number")
      ->check(OneOf({"contact_number"}))
      ->type_name("FIELD")
      ->allow_extra_args(false);
  AddEtagOption(*verb, *fields->patient.mutable_etag());
  AddWriteOptions(*verb, *request);
  verb->footer("\nExample:\n  bonnie patients update 7 --contact-number '+49 30 901820'");
  verb->callback([&context, request, fields] {
    *request->mutable_patient() = fields->patient;
    if (absl::Status mask = SetMask(fields->patient, fields->clear, *request->mutable_update_mask()); !mask.ok())
      return context.ReportWrongUse(absl::StrCat("patients update: ", mask.message()));
    context.WithRecords(Reach::kOneSite, [&](const std::string& site, RecordsClient& client) {
      auto response = client.UpdatePatient(*request);
      if (response.ok()) PrintCard(context, site, response->patient());
      return response.status();
    });
  });
}

void AddDelete(CLI::App& group, Context& context) {
  auto request = std::make_shared<records::v1::DeletePatientRequest>();
  request->set_etag("*");
  CLI::App* verb = group.add_subcommand("delete", "Delete a patient softly: still readable by id");
  verb->add_option_function<int64_t>(
          "ID", [request](int64_t id) { request->set_id(id); }, "Id of the patient")
      ->check(Id())
      ->required();
  verb->add_flag_callback(
      "--force", [request] { request->set_force(true); }, "Delete the patient's records too");
  verb->add_flag_callback(
      "--allow-missing", [request] { request->set_allow_missing(true); }, "No error when it is not there");
  AddEtagOption(*verb, *request->mutable_etag());
  AddWriteOptions(*verb, *request);
  verb->footer("\nExample:\n  bonnie patients delete 7 --force");
  verb->callback([&context, request] {
    context.WithRecords(Reach::kOneSite, [&](const std::string& site, RecordsClient& client) {
      auto response = client.DeletePatient(*request);
      if (response.ok() && response->has_patient()) PrintCard(context, site, response->patient());
      if (response.ok() && response->cascaded_records() > 0) {
        context.console().err << "with " << CountText(response->cascaded_records()) << " medical records\n";
      }
      return response.status();
    });
  });
}

// Pages of one chart come from one snapshot each; the patient is the first page's.
absl::Status PrintChart(Context& context, const std::string& site, RecordsClient& client, int64_t id) {
  records::v1::GetPatientChartRequest request;
  request.set_id(id);
  request.set_page_size(500);
  bool first = true;
  do {
    auto page = client.GetPatientChart(request);
    if (!page.ok()) return page.status();
    Output& output = context.output();
    if (first && output.format() == Format::kTable) {
      PrintCard(context, site, page->patient());
      context.console().out << "records         " << CountText(page->record_count()) << "\n\n";
    }
    if (output.format() == Format::kJson) {
      output.JsonLine(site, ToJson(*page));  // as the service says it, a page a line
    } else if (!first || page->record_count() > 0 || output.format() == Format::kCsv) {
      output.BeginList(RecordColumns());
      for (const auto& record : page->medical_records()) output.Row(site, RecordCells(record), record);
    }
    request.set_page_token(page->next_page_token());
    first = false;
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

void AddChart(CLI::App& group, Context& context) {
  auto id = std::make_shared<int64_t>(0);
  CLI::App* verb = group.add_subcommand("chart", "Show a patient with all medical records, by admission date");
  verb->add_option("ID", *id, "Id of the patient")->check(Id())->required();
  verb->footer("\nExample:\n  bonnie patients chart 7");
  verb->callback([&context, id] {
    context.WithRecords(Reach::kOneSite, [&](const std::string& site, RecordsClient& client) {
      return PrintChart(context, site, client, *id);
    });
  });
}

}  // namespace

void AddPatientsCommands(CLI::App& app, Context& context) {
  CLI::App* group = app.add_subcommand("patients", "Patients: list, get, create, update, delete, chart");
  group->require_subcommand(1);
  AddList(*group, context);
  AddGet(*group, context);
  AddCreate(*group, context);
  AddUpdate(*group, context);
  AddDelete(*group, context);
  AddChart(*group, context);
}

}  // namespace bonnie::cli
