#include "clients/cli/synthea.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>
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
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/types/optional.h"
#include "clients/cli/field_text.h"
#include "clients/cli/text_width.h"

namespace bonnie::cli {
namespace {

constexpr char kPatientsFile[] = "patients.csv";
constexpr char kConditionsFile[] = "conditions.csv";
constexpr char kCareplansFile[] = "careplans.csv";
constexpr std::size_t kMaxFieldBytes = 1 << 20;  // the service takes messages of 4 MiB

// A row of a file whose first line names the columns. Collects the first thing that is wrong with it.
class NamedRow {
 public:
  NamedRow(const std::string& file, const std::map<std::string, std::size_t>& columns, SlashDates dates,
           const CsvRow& row)
      : columns_(columns), dates_(dates), row_(row) {
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

  // Refuses fields that no request can carry: text that is not UTF-8, and text over 1 MiB.
  void RefuseWhatCannotBeSent() {
    for (const auto& [name, index] : columns_) {
      const std::string& text = row_.fields[index].text;
      if (!IsUtf8(text)) Refuse(name, "is not UTF-8");
      if (text.size() > kMaxFieldBytes) {
        Refuse(name, absl::StrCat("has ", text.size(), " bytes, at most ", kMaxFieldBytes, " are taken"));
      }
    }
  }

 private:
  const CsvField& Field(const std::string& column) const { return row_.fields[columns_.at(column)]; }

  const std::map<std::string, std::size_t>& columns_;
  const SlashDates dates_;
  const CsvRow& row_;
  SourceRow source_;
  absl::optional<RefusedRow> refused_;
};

// The three numbers of 5/25/1989.
absl::optional<std::array<int, 3>> ReadSlashDate(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '/');
  std::array<int, 3> numbers = {};
  if (parts.size() != 3 || parts[2].size() != 4 ||
      text.find_first_not_of("0123456789/") != absl::string_view::npos) {
    return absl::nullopt;
  }
  for (std::size_t i = 0; i < 3; ++i) {
    if (!absl::SimpleAtoi(parts[i], &numbers[i])) return absl::nullopt;
  }
  return numbers;
}

// A spreadsheet writes 5/25/1989 or 25/5/1989, Synthea 1989-05-25. `order` is not kByFile where there is a `/`.
absl::StatusOr<type::v1::Date> ParseAnyDate(absl::string_view text, SlashDates order) {
  const char* slashed = order == SlashDates::kDayFirst ? "D/M/YYYY" : "M/D/YYYY";
  if (text.find('/') == absl::string_view::npos) {
    absl::StatusOr<type::v1::Date> date = ParseDate(text);
    if (date.ok() || text.size() == 10) return date;
    return absl::InvalidArgumentError(absl::StrCat("want ", slashed, " or YYYY-MM-DD"));
  }
  const absl::optional<std::array<int, 3>> numbers = ReadSlashDate(text);
  if (!numbers.has_value()) return absl::InvalidArgumentError(absl::StrCat("want ", slashed));
  const auto [first, second, year] = *numbers;
  return order == SlashDates::kDayFirst ? MakeDate(year, second, first) : MakeDate(year, first, second);
}

// What the dates of a file show about their order.
class DateOrder {
 public:
  void Look(const CsvField& field) {
    const absl::optional<std::array<int, 3>> numbers = ReadSlashDate(field.text);
    if (!numbers.has_value()) return;
    const auto [first, second, year] = *numbers;
    if (first == second || std::max(first, second) > 31 || std::min(first, second) > 12) return;  // shows no order
    if (!first_.has_value()) first_ = field.place;
    if (first > 12 && !day_first_.has_value()) day_first_ = field.place;
    if (second > 12 && !month_first_.has_value()) month_first_ = field.place;
  }

  absl::StatusOr<SlashDates> Decide(const std::string& file) const {
    if (day_first_.has_value() && month_first_.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat(file, ": line ", month_first_->line, " has a date in M/D/YYYY and line ", day_first_->line,
                       " has one in D/M/YYYY. Correct the file, or choose with --dates mdy or --dates dmy"));
    }
    if (first_.has_value() && !day_first_.has_value() && !month_first_.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat(file, ":", first_->line,
                                                     ": no date shows whether the file uses M/D/YYYY or D/M/YYYY. Use "
                                                     "--dates mdy or --dates dmy"));
    }
    return day_first_.has_value() ? SlashDates::kDayFirst : SlashDates::kMonthFirst;
  }

 private:
  absl::optional<Place> first_, day_first_, month_first_;
};

absl::optional<type::v1::Date> NamedRow::Date(const std::string& column, const std::string& path) {
  const CsvField& field = Field(column);
  source_.columns[path] = {column, field.place};
  if (field.text.empty()) return absl::nullopt;
  absl::StatusOr<type::v1::Date> date = ParseAnyDate(field.text, dates_);
  if (date.ok()) return *date;
  Refuse(column, std::string(date.status().message()));
  return absl::nullopt;
}

// The columns of a file by their headings. kInvalidArgument: one of `wanted` is missing, or stands twice.
absl::StatusOr<std::map<std::string, std::size_t>> ReadHeadings(const std::string& file, const CsvRow& row,
                                                                const std::vector<std::string>& wanted) {
  std::map<std::string, std::size_t> columns;
  std::vector<std::string> missing;
  for (const std::string& heading : wanted) {
    for (std::size_t i = 0; i < row.fields.size(); ++i) {
      if (row.fields[i].text != heading) continue;
      const auto [first, is_new] = columns.emplace(heading, i);
      if (is_new) continue;
      return absl::InvalidArgumentError(absl::StrCat(file, ":", row.place.line, ": column ", heading,
                                                     " appears twice, as columns ", first->second + 1, " and ", i + 1));
    }
    if (columns.count(heading) == 0) missing.push_back(heading);
  }
  if (missing.empty()) return columns;
  return absl::InvalidArgumentError(absl::StrCat(file, ":", row.place.line, ": no column ",
                                                 absl::StrJoin(missing, ", ")));
}

// A file whose first line has the headings.
struct NamedFile {
  std::string name;
  const std::string& text;
  std::vector<std::string> wanted;  // headings
  std::vector<std::string> dates;   // those of them whose fields are dates
};

// Reads a file row by row. kInvalidArgument: of ReadHeadings and DateOrder.
absl::Status ReadNamed(const NamedFile& file, SlashDates dates, std::vector<RefusedRow>& refused,
                       absl::FunctionRef<void(NamedRow&)> on_row) {
  const std::string first_line = file.text.substr(0, file.text.find('\n'));
  const auto count = [&](char c) { return std::count(first_line.begin(), first_line.end(), c); };
  const char separator = count(';') > count(',') ? ';' : ',';
  absl::StatusOr<std::map<std::string, std::size_t>> columns =
      absl::InvalidArgumentError(absl::StrCat(file.name, ": is empty, want a line of headings"));
  std::size_t width = 0;
  DateOrder order;
  ReadCsv(file.text, separator, [&](const CsvRow& row) {
    if (width == 0) {
      columns = ReadHeadings(file.name, row, file.wanted);
      width = std::max<std::size_t>(1, row.fields.size());
    } else if (columns.ok() && row.fields.size() == width) {
      for (const std::string& date : file.dates) order.Look(row.fields[columns->at(date)]);
    }
  });
  if (!columns.ok()) return columns.status();
  if (dates == SlashDates::kByFile) {
    absl::StatusOr<SlashDates> decided = order.Decide(file.name);
    if (!decided.ok()) return decided.status();
    dates = *decided;
  }
  bool is_heading = true;
  ReadCsv(file.text, separator, [&](const CsvRow& row) {
    if (std::exchange(is_heading, false)) return;
    if (!row.error.empty()) {
      refused.push_back({file.name, row.place, "", row.error});
    } else if (row.fields.size() != width) {
      refused.push_back({file.name, row.place, "", absl::StrCat("has ", row.fields.size(), " fields, want ", width)});
    } else {
      NamedRow named(file.name, *columns, dates, row);
      named.RefuseWhatCannotBeSent();
      on_row(named);
      if (named.refused().has_value()) refused.push_back(*named.refused());
    }
  });
  return absl::OkStatus();
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

std::string RecordKey(const NamedRow& row, const std::string& start) {
  // The date in one form, so that a file that a spreadsheet has saved has the same keys.
  const std::string text = absl::StrCat(row.Text("PATIENT"), row.Text("ENCOUNTER"), row.Text("CODE"), start);
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
  record.set_source_key(RecordKey(row, start.has_value() ? DateText(*start) : ""));
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

absl::StatusOr<SyntheaExport> ParseSynthea(const SyntheaFiles& files, SlashDates dates) {
  const NamedFile patients{kPatientsFile,
                           files.patients,
                           {"Id", "BIRTHDATE", "DEATHDATE", "FIRST", "LAST", "GENDER"},
                           {"BIRTHDATE", "DEATHDATE"}};
  const NamedFile careplans{kCareplansFile,
                            files.careplans,
                            {"Id", "START", "PATIENT", "ENCOUNTER", "DESCRIPTION", "REASONCODE"},
                            {"START"}};
  const NamedFile conditions{kConditionsFile,
                             files.conditions,
                             {"START", "STOP", "PATIENT", "ENCOUNTER", "CODE", "DESCRIPTION"},
                             {"START", "STOP"}};
  SyntheaExport result;
  std::map<std::string, int> patient_lines;  // Id -> line
  absl::Status read =
      ReadNamed(patients, dates, result.refused, [&](NamedRow& row) { ReadPatient(row, patient_lines, result); });
  CarePlans plans;
  if (read.ok() && !files.careplans.empty()) {
    read = ReadNamed(careplans, dates, result.refused, [&](NamedRow& row) { ReadCarePlan(row, plans); });
  }
  if (read.ok()) {
    read = ReadNamed(conditions, dates, result.refused,
                     [&](NamedRow& row) { ReadCondition(row, patient_lines, plans, result); });
  }
  if (!read.ok()) return read;
  return result;
}

}  // namespace bonnie::cli
