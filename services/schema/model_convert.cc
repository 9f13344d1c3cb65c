#include "services/schema/model_convert.h"

#include "absl/strings/str_cat.h"
#include "services/schema/model_files.h"
#include "services/schema/sql_text.h"

namespace bonnie::schema {

namespace {

// In the order of Change::Kind.
static_assert(static_cast<int>(Change::Kind::kAddTable) + 1 == v1::CHANGE_KIND_ADD_TABLE);
static_assert(static_cast<int>(Change::Kind::kMoveColumn) + 1 == v1::CHANGE_KIND_MOVE_COLUMN);
static_assert(static_cast<int>(Change::Kind::kModifyForeignKey) + 1 == v1::CHANGE_KIND_MODIFY_FOREIGN_KEY);
static_assert(static_cast<int>(Change::Kind::kTableOption) + 1 == v1::CHANGE_KIND_TABLE_OPTION);
static_assert(static_cast<int>(Change::Kind::kModifyObject) + 1 == v1::CHANGE_KIND_MODIFY_OBJECT);
static_assert(static_cast<int>(Change::Kind::kMoveCheck) + 1 == v1::CHANGE_KIND_MOVE_CHECK);

// A message's strings are UTF-8, and a server writes a binary column's default as it is: bytes that are none are shown
// as U+FFFD there. What is meant stands in the definition as 0x…
std::string Readable(absl::string_view text) {
  std::string readable;
  for (size_t bad; (bad = FirstBadByte(text)) != absl::string_view::npos; text.remove_prefix(bad + 1)) {
    absl::StrAppend(&readable, text.substr(0, bad), "\xEF\xBF\xBD");
  }
  return absl::StrCat(readable, text);
}

}  // namespace

v1::SchemaChange ToProto(const Change& change) {
  v1::SchemaChange message;
  message.set_kind(static_cast<v1::ChangeKind>(static_cast<int>(change.kind) + 1));
  message.set_table(change.table);
  message.set_object(change.object);
  message.set_before(Readable(change.before));
  message.set_after(Readable(change.after));
  message.set_description(Readable(Describe(change)));
  return message;
}

v1::UnsupportedPart ToProto(const Unsupported& part) {
  v1::UnsupportedPart message;
  message.set_object(part.object);
  message.set_attribute(part.attribute);
  message.set_reason(part.reason);
  return message;
}

v1::RevisionWarning ToProto(const RevisionWarning& warning) {
  v1::RevisionWarning message;
  message.set_code(warning.code);
  message.set_description(warning.description);
  return message;
}

v1::SchemaTable ToProto(const Table& table, const ModelFile* file) {
  v1::SchemaTable message;
  message.set_name(table.name);
  message.set_create_statement(Readable(table.create_statement));
  message.set_model_file_name(file != nullptr ? file->file_name : ModelFileName(table.name));
  message.set_model_text(Readable(FormatModelFile(table, file)));
  if (file != nullptr && file->has_inner_comments) {
    message.set_keep_reason("it has comments within or after its statement, which would be lost");
  }
  for (const Column& column : table.columns) {
    v1::TableColumn* to = message.add_columns();
    to->set_name(column.name);
    to->set_type(column.type);
    to->set_nullable(column.nullable);
    if (column.default_value.has_value()) to->set_default_value(Readable(*column.default_value));
    to->set_definition(Readable(column.definition));
    to->set_comment(column.comment);
    to->set_charset(column.charset);
    to->set_collation(column.collation);
  }
  for (const Index& index : table.indexes) {
    v1::TableIndex* to = message.add_indexes();
    to->set_name(index.name);
    to->set_definition(index.definition);
  }
  for (const ForeignKey& key : table.foreign_keys) {
    v1::TableForeignKey* to = message.add_foreign_keys();
    to->set_name(key.name);
    to->set_definition(key.definition);
    to->mutable_columns()->Assign(key.columns.begin(), key.columns.end());
    to->set_referenced_table(key.referenced_table);
    to->mutable_referenced_columns()->Assign(key.referenced_columns.begin(), key.referenced_columns.end());
  }
  for (const Check& check : table.checks) {
    v1::TableCheck* to = message.add_checks();
    to->set_name(check.name);
    to->set_definition(check.definition);
  }
  for (const TableOption& option : table.options) message.add_options(absl::StrCat(option.name, "=", option.value));
  message.set_partitioning(table.partitioning);
  return message;
}

v1::StoredObject ToProto(const StoredObject& object) {
  v1::StoredObject message;
  message.set_kind(KindName(object.object.kind));
  message.set_name(object.object.name);
  message.set_table(object.table);
  message.set_create_statement(Readable(object.create_statement));
  return message;
}

StoredObject FromProto(const v1::StoredObject& message) {
  StoredObject object;
  for (const auto kind : {SchemaObject::Kind::kView, SchemaObject::Kind::kTrigger, SchemaObject::Kind::kEvent,
                          SchemaObject::Kind::kProcedure, SchemaObject::Kind::kFunction}) {
    if (message.kind() == KindName(kind)) object.object.kind = kind;
  }
  object.object.name = message.name();
  object.table = message.table();
  object.create_statement = message.create_statement();
  return object;
}

ModelSource FromProto(const v1::Model& model) {
  ModelSource source;
  for (const v1::ModelFile& file : model.files()) source.files.emplace_back(file.name(), file.text());
  return source;
}

Source FromProto(const v1::SchemaSource& source) {
  if (source.has_model()) return FromProto(source.model());
  if (source.source_case() == v1::SchemaSource::kRevision) return RevisionSource{source.revision()};
  return LiveSource{};
}

}  // namespace bonnie::schema
