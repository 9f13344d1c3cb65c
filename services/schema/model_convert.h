#ifndef BONNIE_SERVICES_SCHEMA_MODEL_CONVERT_H_
#define BONNIE_SERVICES_SCHEMA_MODEL_CONVERT_H_

#include <string>

#include "bonnie/schema/v1/resources.pb.h"
#include "services/schema/diff.h"
#include "services/schema/model.h"
#include "services/schema/revision_warnings.h"
#include "services/schema/schema_sources.h"

namespace bonnie::schema {

// Schemas and their differences to messages, and requests to sources. Pure.

v1::SchemaChange ToProto(const Change& change);
v1::UnsupportedPart ToProto(const Unsupported& part);
v1::RevisionWarning ToProto(const RevisionWarning& warning);
// `file`: the model file that it was made from; null for none.
v1::SchemaTable ToProto(const Table& table, const ModelFile* file);
v1::StoredObject ToProto(const StoredObject& object);
StoredObject FromProto(const v1::StoredObject& object);
ModelSource FromProto(const v1::Model& model);
Source FromProto(const v1::SchemaSource& source);

// Puts structs into a repeated field.
template <class From, class To>
void FillProto(const From& from, To* to) {
  for (const auto& one : from) *to->Add() = ToProto(one);
}

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_MODEL_CONVERT_H_
