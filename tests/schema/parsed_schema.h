#ifndef BONNIE_TESTS_SCHEMA_PARSED_SCHEMA_H_
#define BONNIE_TESTS_SCHEMA_PARSED_SCHEMA_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/schema/create_table.h"
#include "services/schema/model.h"
#include "tests/schema/schema_of.h"

namespace bonnie::schema {

// CREATE TABLE with these clauses, one a line.
inline std::string Create(const std::string& name, const std::vector<std::string>& clauses,
                          const std::string& ending = "") {
  std::string text = absl::StrCat("CREATE TABLE `", name, "` (");
  for (size_t i = 0; i < clauses.size(); ++i) absl::StrAppend(&text, i == 0 ? "\n  " : ",\n  ", clauses[i]);
  return absl::StrCat(text, "\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin", ending);
}

// A clinic: patients, their records, a log that stands alone.
inline std::vector<std::string> ClinicTables() {
  return {
      Create("patients",
             {"`id` int(11) NOT NULL AUTO_INCREMENT", "`name` varchar(50) NOT NULL COMMENT 'as on the card'",
              "`phone` varchar(20) DEFAULT NULL", "`code` char(8) NOT NULL", "PRIMARY KEY (`id`)",
              "UNIQUE KEY `by_code` (`code`)"},
             " COMMENT='People under the clinic''s care'"),
      Create("records", {"`id` int(11) NOT NULL", "`patient_id` int(11) NOT NULL", "`author_id` int(11) DEFAULT NULL",
                         "`text` text DEFAULT NULL", "PRIMARY KEY (`id`)", "KEY `by_patient` (`patient_id`)",
                         "CONSTRAINT `record_author` FOREIGN KEY (`author_id`) REFERENCES `patients` (`id`)",
                         "CONSTRAINT `record_patient` FOREIGN KEY (`patient_id`) REFERENCES `patients` (`id`) ON "
                         "DELETE CASCADE"}),
      Create("photos", {"`record_id` int(11) NOT NULL", "`bytes` blob DEFAULT NULL", "PRIMARY KEY (`record_id`)",
                        "CONSTRAINT `photo_record` FOREIGN KEY (`record_id`) REFERENCES `records` (`id`)"}),
      Create("log", {"`line` text NOT NULL"})};
}

// Tables, columns and comments with everything in their names that some language takes for its own.
inline std::vector<std::string> OddTables() {
  return {Create("a <b> & \"c\"",
                 {"`id` int(11) NOT NULL", "`pk` int(11) DEFAULT NULL", "`it's | a ``tick``` int(11) DEFAULT NULL",
                  "`\\x} --> y%%` enum('a','b''c','<d>') DEFAULT 'a'", "`größe ☃` int(11) DEFAULT NULL",
                  "PRIMARY KEY (`id`)"},
                 " COMMENT='</title><script>alert(1)</script> | # *bold*'"),
          Create("one", {"`to` int(11) NOT NULL", "PRIMARY KEY (`to`)",
                         "CONSTRAINT `f\"; k]` FOREIGN KEY (`to`) REFERENCES `a <b> & \"c\"` (`id`)"})};
}

}  // namespace bonnie::schema

#endif  // BONNIE_TESTS_SCHEMA_PARSED_SCHEMA_H_
