#include "clients/cli/synthea.h"

#include <openssl/sha.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>
#include <tuple>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/types/optional.h"
#include "clients/cli/field_text.h"
#include "clients/cli/text_width.h"

namespace bonnie::cli {
namespace {

constexpr char kPatientsFile[] = "patients.csv";
constexpr char kConditionsFile[] = "conditions.csv";
constexpr char kCareplansFile[] = "careplans.csv";

// A row of a file whose first line names the columns. Collects the first thing that is wrong with it.
class NamedRow {
 public:
  NamedRow(const std::string& file, const std::map<std::string, std::size_t>& columns, const CsvRow& row)
      : columns_(columns), row_(row) {
    source_.file = file;
    source_.place = row.place;
  }

  const std::string& Text(const std::string& column) const { return Field(column).text; }
  // Notes that `column` became the field with that path, and answers its text. Refuses an empty one.
  const std::string& Required(const std::string& column, const std::string& path) {
    const CsvField& field = Field(column);
    source_.columns[path] = {column, field.place};
    if (field.text.empty()) Refuse(column, "is empty, want a value");
    return field.text;
  }
  // A date, unset when the text is empty.
  absl::optional<type::v1::Date> Date(const std::string& column, const std::string& path);
  void Refuse(const std::string& column, std::string message) {
    if (!refused_.has_value()) refused_ = RefusedRow{source_.file, Field(column).place, column, std::move(message)};
  }

  const absl::optional<RefusedRow>& refused() const { return refused_; }
  const SourceRow& source() const { return source_; }

  void RefuseWhatIsNotUtf8() {
    for (const auto& [name, index] : columns_) {
      if (!IsUtf8(row_.fields[index].text)) Refuse(name, "is not UTF-8");
    }
  }

 private:
  const CsvField& Field(const std::string& column) const { return row_.fields[columns_.at(column)]; }

  const std::map<std::string, std::size_t>& columns_;
  const CsvRow& row_;
  SourceRow source_;
  absl::optional<RefusedRow> refused_;
};

// patients.csv as it is found has 5/25/1989 (a spreadsheet wrote it), the others 1989-05-25.
absl::StatusOr<type::v1::Date> ParseAnyDate(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '/');
  if (parts.size() != 3) {
    absl::StatusOr<type::v1::Date> date = ParseDate(text);
    if (date.ok() || text.size() == 10) return date;
    return absl::InvalidArgumentError("want M/D/YYYY or YYYY-MM-DD");
  }
  int month = 0;
  int day = 0;
  int year = 0;
  if (text.find_first_not_of("0123456789/") != absl::string_view::npos || parts[2].size() != 4 ||
      !absl::SimpleAtoi(parts[0], &month) || !absl::SimpleAtoi(parts[1], &day) || !absl::SimpleAtoi(parts[2], &year)) {
    return absl::InvalidArgumentError("want M/D/YYYY");
  }
  return MakeDate(year, month, day);
}

absl::optional<type::v1::Date> NamedRow::Date(const std::string& column, const std::string& path) {
  const CsvField& field = Field(column);
  source_.columns[path] = {column, field.place};
  if (field.text.empty()) return absl::nullopt;
  absl::StatusOr<type::v1::Date> date = ParseAnyDate(field.text);
  if (date.ok()) return *date;
  Refuse(column, std::string(date.status().message()));
  return absl::nullopt;
}

// Reads a file row by row under its headings. kInvalidArgument: a heading of `wanted` is missing.
absl::Status ReadNamed(const std::string& file, const std::string& text, const std::vector<std::string>& wanted,
                       std::vector<RefusedRow>& refused, absl::FunctionRef<void(NamedRow&)> on_row) {
  const std::string first_line = text.substr(0, text.find('\n'));
  const auto count = [&](char c) { return std::count(first_line.begin(), first_line.end(), c); };
  const char separator = count(';') > count(',') ? ';' : ',';
  std::map<std::string, std::size_t> columns;
  std::size_t width = 0;
  absl::Status headings = absl::InvalidArgumentError(absl::StrCat(file, ": is empty, want a line of headings"));
  ReadCsv(text, separator, [&](const CsvRow& row) {
    if (width == 0) {  // the headings
      for (const CsvField& field : row.fields) columns.emplace(field.text, columns.size());
      width = std::max<std::size_t>(1, row.fields.size());
      headings = absl::OkStatus();
      for (const std::string& column : wanted) {
        if (columns.count(column) == 0) {
          headings = absl::InvalidArgumentError(absl::StrCat(file, ":", row.place.line, ": no column ", column));
        }
      }
    } else if (!headings.ok()) {
      return;
    } else if (!row.error.empty()) {
      refused.push_back({file, row.place, "", row.error});
    } else if (row.fields.size() != width) {
      refused.push_back({file, row.place, "", absl::StrCat("has ", row.fields.size(), " fields, want ", width)});
    } else {
      NamedRow named(file, columns, row);
      named.RefuseWhatIsNotUtf8();
      on_row(named);
      if (named.refused().has_value()) refused.push_back(*named.refused());
    }
  });
  return headings;
}

void ReadPatient(NamedRow& row, std::map<std::string, int>& lines, SyntheaExport& result) {
  records::v1::Patient patient;
  const std::string& id = row.Required("Id", "patient.source_key");
  patient.set_source_key("synthea:" + id);
  patient.set_first_name(row.Required("FIRST", "patient.first_name"));
  patient.set_last_name(row.Required("LAST", "patient.last_name"));
  row.Required("BIRTHDATE", "patient.date_of_birth");
  if (const auto date = row.Date("BIRTHDATE", "patient.date_of_birth"); date.has_value())
    *patient.mutable_date_of_birth() = *date;
  const std::string& gender = row.Required("GENDER", "patient.gender");
  if (gender != "F" && gender != "M") row.Refuse("GENDER", "want F or M");
  patient.set_gender(gender == "F" ? records::v1::GENDER_FEMALE : records::v1::GENDER_MALE);
  patient.set_is_deceased(row.Date("DEATHDATE", "patient.is_deceased").has_value());
  if (row.refused().has_value()) return;
  const auto [first, is_new] = lines.emplace(id, row.source().place.line);
  if (!is_new) return row.Refuse("Id", absl::StrCat("is that of line ", first->second, " already"));
  result.patients.push_back({std::move(patient), row.source()});
}

struct CarePlan {
  std::string encounter;
  std::tuple<std::string, std::string> start_and_id;  // ISO dates, so text order is time order
  std::string description;
};
using CarePlans = std::map<std::pair<std::string, std::string>, std::vector<CarePlan>>;  // by PATIENT and REASONCODE

void ReadCarePlan(NamedRow& row, CarePlans& plans) {
  const absl::optional<type::v1::Date> start = row.Date("START", "start");
  row.Required("START", "start");
  const std::string& description = row.Required("DESCRIPTION", "description");
  if (row.refused().has_value() || row.Text("REASONCODE").empty()) return;
  plans[{row.Text("PATIENT"), row.Text("REASONCODE")}].push_back(
      {row.Text("ENCOUNTER"), {DateText(*start), row.Text("Id")}, description});
}

const CarePlan* FindCarePlan(const CarePlans& plans, const NamedRow& condition) {
  const auto found = plans.find({condition.Text("PATIENT"), condition.Text("CODE")});
  if (found == plans.end()) return nullptr;
  const std::string& encounter = condition.Text("ENCOUNTER");
  const auto order = [&](const CarePlan& plan) {
    return std::make_pair(plan.encounter != encounter, plan.start_and_id);
  };
  return &*std::min_element(found->second.begin(), found->second.end(),
                            [&](const CarePlan& a, const CarePlan& b) { return order(a) < order(b); });
}

std::string RecordKey(const NamedRow& row) {
  const std::string text =
      absl::StrCat(row.Text("PATIENT"), row.Text("ENCOUNTER"), row.Text("CODE"), row.Text("START"));
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return "synthea:" + absl::BytesToHexString(absl::string_view(reinterpret_cast<char*>(digest), 20));
}

void ReadCondition(NamedRow& row, const std::map<std::string, int>& patients, const CarePlans& plans,
                   SyntheaExport& result) {
  records::v1::MedicalRecord record;
  const std::string& patient = row.Required("PATIENT", "medical_record.patient_id");
  if (patients.count(patient) == 0) row.Refuse("PATIENT", "is no Id of a good row of patients.csv");
  record.set_diagnosis(row.Required("DESCRIPTION", "medical_record.diagnosis"));
  row.Required("START", "medical_record.admission_date");
  const auto start = row.Date("START", "medical_record.admission_date");
  const auto stop = row.Date("STOP", "medical_record.discharge_date");
  if (start.has_value()) *record.mutable_admission_date() = *start;
  if (stop.has_value()) *record.mutable_discharge_date() = *stop;
  if (const CarePlan* plan = FindCarePlan(plans, row); plan != nullptr) record.set_treatment(plan->description);
  record.set_source_key(RecordKey(row));
  if (!row.refused().has_value()) result.records.push_back({std::move(record), "synthea:" + patient, row.source()});
}

absl::StatusOr<std::string> ReadFile(const std::string& folder, const std::string& name) {
  const std::string file = folder + "/" + name;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    return absl::Status(errno == EACCES ? absl::StatusCode::kPermissionDenied : absl::StatusCode::kNotFound,
                        absl::StrCat(file, ": ", std::strerror(errno), ", want a folder with a Synthea CSV export"));
  }
  return std::string((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
}

}  // namespace

std::string RefusedRow::Text() const {
  return absl::StrCat(file, ":", place.line, ":", place.column, ": ", column, column.empty() ? "" : ": ", message);
}

RefusedRow SourceRow::Refuse(absl::string_view field, std::string message) const {
  const auto found = columns.find(std::string(field));
  if (found == columns.end()) return {file, place, std::string(field), std::move(message)};
  return {file, found->second.place, found->second.name, std::move(message)};
}

absl::StatusOr<SyntheaFiles> ReadSyntheaFiles(const std::string& folder) {
  SyntheaFiles files;
  for (const auto& [name, text, may_be_missing] :
       {std::tuple(kPatientsFile, &files.patients, false), std::tuple(kConditionsFile, &files.conditions, false),
        std::tuple(kCareplansFile, &files.careplans, true)}) {
    absl::StatusOr<std::string> read = ReadFile(folder, name);
    if (absl::IsNotFound(read.status()) && may_be_missing) {
      files.warning = absl::StrCat(folder, "/", name, ": is not there; the records come without treatments");
      continue;
    }
    if (!read.ok()) return read.status();
    *text = *std::move(read);
  }
  return files;
}

absl::StatusOr<SyntheaExport> ParseSynthea(const SyntheaFiles& files) {
  SyntheaExport result;
  std::map<std::string, int> patient_lines;  // Id -> line
  absl::Status read =
      ReadNamed(kPatientsFile, files.patients, {"Id", "BIRTHDATE", "DEATHDATE", "FIRST", "LAST", "GENDER"},
                result.refused, [&](NamedRow& row) { ReadPatient(row, patient_lines, result); });
  CarePlans plans;
  if (read.ok() && !files.careplans.empty()) {
    read =
        ReadNamed(kCareplansFile, files.careplans, {"Id", "START", "PATIENT", "ENCOUNTER", "DESCRIPTION", "REASONCODE"},
                  result.refused, [&](NamedRow& row) { ReadCarePlan(row, plans); });
  }
  if (read.ok()) {
    read =
        ReadNamed(kConditionsFile, files.conditions, {"START", "STOP", "PATIENT", "ENCOUNTER", "CODE", "DESCRIPTION"},
                  result.refused, [&](NamedRow& row) { ReadCondition(row, patient_lines, plans, result); });
  }
  if (!read.ok()) return read;
  return result;
}

}  // namespace bonnie::cli
