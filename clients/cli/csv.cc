#include "clients/cli/csv.h"

#include <csv.h>

#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace bonnie::cli {
namespace {

// libcsv (C) behind two callbacks. It says no places; so it is fed a byte at a time, and each field ends at the byte
// just fed.
class Reader {
 public:
  Reader(char separator, absl::FunctionRef<void(const CsvRow&)> on_row) : separator_(separator), on_row_(on_row) {
    Begin();
  }
  ~Reader() { csv_free(&parser_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  void Read(absl::string_view text) {
    absl::ConsumePrefix(&text, "\xef\xbb\xbf");
    for (const char c : text) {
      if (skipping_) {
        skipping_ = c != '\n';
      } else {
        if (here_.line == field_begin_.line && here_.column == field_begin_.column) is_quoted_ = c == '"';
        Feed(c);
      }
      Advance(c);
      if (field_over_) {
        field_begin_ = here_;
        field_over_ = is_quoted_ = false;
      }
    }
    if (!skipping_ && csv_fini(&parser_, &OnField, &OnRow, this) != 0) Break("the quote that opens here is not closed");
  }

 private:
  void Begin() {
    if (csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI) != 0) std::abort();  // fails for a null pointer only
    csv_set_delim(&parser_, static_cast<unsigned char>(separator_));
    // Spaces are part of a field; by default libcsv cuts them off.
    csv_set_space_func(&parser_, [](unsigned char) { return 0; });
  }

  void Feed(char c) {
    if (csv_parse(&parser_, &c, 1, &OnField, &OnRow, this) == 1) return;
    Break("a quote within a field, or text after the closing quote");
    csv_free(&parser_);
    Begin();
    skipping_ = c != '\n';
    field_over_ = true;
  }

  // A field over several lines is most likely one whose quote was not closed where it should have been.
  void Break(const char* error) {
    const int last = here_.column == 1 ? here_.line - 1 : here_.line;  // a line's end was read, and nothing after it
    const int lines = last - field_begin_.line;
    if (lines > 0) {
      const char* belong = lines == 1 ? " following line belongs" : " following lines belong";
      on_row_(CsvRow{{}, field_begin_, absl::StrCat(error, "; ", lines, belong, " to this field and were skipped")});
    } else {
      on_row_(CsvRow{{}, here_, error});
    }
    row_.clear();
  }

  void Advance(char c) {
    if (c == '\n') {
      ++here_.line;
      here_.column = 1;
      if (row_.empty() && !is_quoted_) field_over_ = true;        // an empty line
    } else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) {  // not a character's second byte
      ++here_.column;
    }
  }

  static void OnField(void* data, size_t size, void* self) {
    auto& reader = *static_cast<Reader*>(self);
    reader.row_.push_back({std::string(static_cast<const char*>(data), size), reader.field_begin_});
    reader.field_over_ = true;
  }

  static void OnRow(int, void* self) {
    auto& reader = *static_cast<Reader*>(self);
    CsvRow row{std::exchange(reader.row_, {}), {}, ""};
    row.place = row.fields.front().place;
    reader.on_row_(row);
    reader.field_over_ = true;
  }

  const char separator_;
  const absl::FunctionRef<void(const CsvRow&)> on_row_;
  csv_parser parser_;
  Place here_{1, 1};
  Place field_begin_{1, 1};
  bool field_over_ = false;  // the next byte begins a field
  bool is_quoted_ = false;   // the field that is read begins with a quote
  bool skipping_ = false;    // the rest of a broken line
  std::vector<CsvField> row_;
};

}  // namespace

void ReadCsv(absl::string_view text, char separator, absl::FunctionRef<void(const CsvRow&)> on_row) {
  Reader(separator, on_row).Read(text);
}

}  // namespace bonnie::cli
