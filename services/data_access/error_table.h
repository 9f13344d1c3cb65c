#ifndef BONNIE_SERVICES_DATA_ACCESS_ERROR_TABLE_H_
#define BONNIE_SERVICES_DATA_ACCESS_ERROR_TABLE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace bonnie::data_access {

enum class Flavour { kMySql, kMariaDb };

// What the session was doing when the error came.
enum class Phase {
  kConnecting,
  kReading,        // autocommit SELECT, or a ping: nothing can have been written
  kWriting,        // a DML statement in autocommit: a lost session leaves it unknown
  kInTransaction,  // any statement before COMMIT: a lost session leaves nothing behind
  kCommitting,     // COMMIT itself
};

// Turns a MySQL or MariaDB error into a status with its Fault. The only place that knows error numbers; pure.
//
// `text` is the server's or driver's own message: it is searched (1290 and 2026 mean several things; key and constraint
// names), and never copied into the message, because it quotes row values ("Duplicate entry 'alice@example.com'").
// Where it holds names only it is kept beside it: Fault::words.
absl::Status Classify(Flavour flavour, Phase phase, int number, absl::string_view text);

// "MySQL" or "MariaDB".
absl::string_view FlavourName(Flavour flavour);

}  // namespace bonnie::data_access

#endif  // BONNIE_SERVICES_DATA_ACCESS_ERROR_TABLE_H_
