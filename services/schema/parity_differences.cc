#include "services/schema/parity_differences.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"

namespace bonnie::schema {

namespace {

constexpr int kMaxDifferences = 2000;
constexpr size_t kMaxBytes = 3 << 20;  // of 4 MiB that a message may have
constexpr size_t kMaxText = 1000;      // a view's text, say: `diff` shows it whole

const char* AspectWord(v1::ParityAspect aspect) {
  switch (aspect) {
    case v1::PARITY_ASPECT_APPLIED_REVISIONS:
      return "applied revisions";
    case v1::PARITY_ASPECT_FOLDER:
      return "migrations folder";
    case v1::PARITY_ASPECT_VARIABLE:
      return "variable";
    case v1::PARITY_ASPECT_DATABASE_DEFAULT:
      return "database's default";
    case v1::PARITY_ASPECT_TABLE:
      return "table";
    case v1::PARITY_ASPECT_COLUMN:
      return "column";
    case v1::PARITY_ASPECT_COLUMN_ORDER:
      return "order of columns";
    case v1::PARITY_ASPECT_INDEX:
      return "index";
    case v1::PARITY_ASPECT_FOREIGN_KEY:
      return "foreign key";
    case v1::PARITY_ASPECT_CHECK:
      return "check";
    case v1::PARITY_ASPECT_TABLE_OPTION:
      return "option";
    case v1::PARITY_ASPECT_PARTITIONING:
      return "partitioning";
    default:
      return "";
  }
}

// The group that more than half of those that count are in; null without one.
const std::string* MajorityOf(const std::map<std::string, int>& groups, int count) {
  for (const auto& [group, members] : groups) {
    if (members * 2 > count) return &group;
  }
  return nullptr;
}

std::string Clipped(const std::string& text) {
  if (text.size() <= kMaxText) return text;
  size_t end = kMaxText;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return absl::StrCat(text.substr(0, end), "…");
}

std::string Describe(const v1::ParityDifference& difference) {
  std::string missing;
  for (const v1::SiteText& text : difference.texts()) {
    if (!text.present()) absl::StrAppend(&missing, missing.empty() ? "" : ", ", text.site());
  }
  std::string line = difference.table().empty() ? "" : absl::StrCat(difference.table(), ": ");
  if (difference.aspect() == v1::PARITY_ASPECT_TABLE) line = "";
  absl::StrAppend(&line, AspectWord(difference.aspect()));
  const std::string& what = difference.aspect() == v1::PARITY_ASPECT_TABLE ? difference.table() : difference.object();
  if (!what.empty()) absl::StrAppend(&line, *AspectWord(difference.aspect()) == '\0' ? "" : " ", what);
  absl::StrAppend(&line, missing.empty() ? " differs" : absl::StrCat(" is not there on ", missing));
  return difference.note().empty() ? line : absl::StrCat(line, " (", difference.note(), ")");
}

}  // namespace

void ParityDifferences::Compare(v1::ParityAspect aspect, const std::string& table, const std::string& object,
                                const std::vector<ParityCell>& cells, const std::string& note) {
  // Absent is a group of its own, which no text can be in.
  const auto group_of = [](const ParityCell& cell) { return cell.present ? absl::StrCat("+", cell.group) : "-"; };
  std::map<std::string, int> groups;
  int count = 0;
  for (const ParityCell& cell : cells) {
    if (!cell.counts) continue;
    ++groups[group_of(cell)];
    ++count;
  }
  if (groups.size() < 2) return;
  v1::ParityDifference difference;
  difference.set_aspect(aspect);
  difference.set_table(table);
  difference.set_object(object);
  difference.set_note(note);
  const std::string* const majority = MajorityOf(groups, count);
  for (size_t i = 0; i < cells.size(); ++i) {
    if (!cells[i].counts) continue;
    v1::SiteText* text = difference.add_texts();
    text->set_site(sites_[i]->site);
    text->set_present(cells[i].present);
    text->set_text(Clipped(cells[i].text));
    if (majority == nullptr || group_of(cells[i]) == *majority) continue;
    difference.add_odd_sites(sites_[i]->site);
    odd_sites_.insert(sites_[i]->site);
  }
  difference.set_description(Describe(difference));
  ++differences_;
  if (aspect >= v1::PARITY_ASPECT_TABLE) ++schema_differences_;
  bytes_ += difference.ByteSizeLong();
  if (response_.differences_size() >= kMaxDifferences || bytes_ > kMaxBytes) {
    return response_.set_omitted_differences(response_.omitted_differences() + 1);
  }
  *response_.add_differences() = std::move(difference);
}

}  // namespace bonnie::schema
