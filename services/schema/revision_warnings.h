#ifndef BONNIE_SERVICES_SCHEMA_REVISION_WARNINGS_H_
#define BONNIE_SERVICES_SCHEMA_REVISION_WARNINGS_H_

#include <string>
#include <vector>

#include "services/schema/diff.h"
#include "services/schema/lint.h"
#include "services/schema/model.h"
#include "services/schema/model_files.h"

namespace bonnie::schema {

// Something that the author of a revision should know of before it meets rows.
struct RevisionWarning {
  std::string code;         // stable: data-loss, a rule's (lint.h), server-remark, no-way-down, key-order
  std::string description;  // begins with the table
  friend bool operator==(const RevisionWarning&, const RevisionWarning&) = default;
};

// What the change from `from` to `to` may do to rows, and what it may meet in them: the findings of LintChanges that
// are warnings or errors. Where a table, column or partition goes the code is data-loss, the word that `--allow` wants
// then. Pure.
std::vector<RevisionWarning> WarnOfRows(const Schema& from, const Schema& to, const Difference& difference,
                                        const LintOptions& options = {});

// The same of statements as they are written (LintText).
std::vector<RevisionWarning> WarnOfText(const std::vector<std::string>& statements, const LintOptions& options = {});

// Names tables of `changes` of which a model's file is written as SHOW CREATE writes it, and lists keys in another
// order than the table that the server made of it: it sorts unique ones, and a live table with a past may have others.
// Pure.
std::vector<RevisionWarning> WarnOfKeyOrder(const std::vector<ModelFile>& model, const Schema& made,
                                            const std::vector<Change>& changes);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_REVISION_WARNINGS_H_
