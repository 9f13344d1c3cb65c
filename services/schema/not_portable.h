#ifndef BONNIE_SERVICES_SCHEMA_NOT_PORTABLE_H_
#define BONNIE_SERVICES_SCHEMA_NOT_PORTABLE_H_

#include <vector>

#include "bonnie/schema/v1/parity.pb.h"
#include "services/schema/model.h"
#include "services/schema/parity.h"

namespace bonnie::schema {

inline constexpr char kGeneratedKeyColumn[] = "my_row_id";

// Whether the server gave the table its primary key by itself (MySQL's sql_generate_invisible_primary_key). Pure.
bool HasGeneratedKey(const Table& table);

// Adds what of each site's schema the server of another cannot hold, or would make otherwise from the same statement:
// types, collations, kinds of index, checks, and so on. Pure.
void AddNotPortable(const std::vector<const SiteFacts*>& sites, v1::CheckParityResponse* response);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_NOT_PORTABLE_H_
