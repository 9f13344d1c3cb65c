#include "services/schema/sql_gate/alter_grammar.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/data_access/status_macros.h"
#include "services/schema/sql_gate/table_parts.h"

namespace bonnie::schema {

namespace {

// ALTER TABLE …, one clause after the other.
class AlterGrammar {
 public:
  explicit AlterGrammar(ClauseReader& reader) : reader_(reader) {}

  absl::StatusOr<AlterEffects> Read() {
    if (reader_.TakeWord("wait")) {
      BONNIE_RETURN_IF_ERROR(reader_.TakeNumber().status());
    } else {
      reader_.TakeWord("nowait");
    }
    do {
      BONNIE_RETURN_IF_ERROR(ReadClause());
      while (!reader_.AtEnd() && !reader_.AtSign(",")) {  // options need no comma between them
        BONNIE_RETURN_IF_ERROR(ReadPartitioningOrOption());
      }
    } while (reader_.TakeSign(","));
    return std::move(effects_);
  }

 private:
  absl::Status ReadClause() {
    if (reader_.TakeWord("add")) return ReadAdd();
    if (reader_.TakeWord("drop")) return ReadDrop();
    if (reader_.AtAnyWord({"modify", "change"})) return ReadModify();
    if (reader_.TakeWord("alter")) return TakeDefinition(reader_);  // a column's default, an index's visibility
    if (reader_.TakeWord("rename")) return ReadRename();
    if (reader_.TakeWords({"convert", "to"})) return ReadCharset();
    if (reader_.TakeWord("force")) return absl::OkStatus();
    if (reader_.TakeWords({"order", "by"})) return TakeNameList();
    if (reader_.TakeWords({"reorganize", "partition"})) return ReadReorganize();
    if (reader_.TakeWords({"coalesce", "partition"})) return reader_.TakeNumber().status();
    if (reader_.TakeAnyWord({"rebuild", "optimize", "analyze", "check", "repair"})) return ReadPartitionNames();
    return ReadPartitioningOrOption();
  }

  // A column that becomes a generated one loses the values that it holds.
  absl::Status ReadModify() {
    reader_.Skip();
    reader_.TakeWord("column");
    TakeIfExists();
    const std::string name = reader_.Peek().name;
    const size_t begin = reader_.next_begin();
    BONNIE_RETURN_IF_ERROR(TakeDefinition(reader_));
    ClauseReader definition(reader_.Between(begin, reader_.last_end()));
    for (; !definition.AtEnd(); definition.Skip()) {
      if (definition.AtSign("(")) {
        BONNIE_RETURN_IF_ERROR(definition.TakeGroup().status());
      }
      if (!definition.AtWord("as")) continue;
      effects_.losses.push_back(absl::StrCat("the values of column ", name, ", which becomes a generated one,"));
      break;
    }
    return absl::OkStatus();
  }

  absl::Status ReadPartitioningOrOption() {
    if (reader_.TakeWords({"remove", "partitioning"})) return absl::OkStatus();
    if (reader_.TakeAnyWord({"algorithm", "lock"})) return TakeValue(reader_);
    if (reader_.TakeWords({"partition", "by"})) {
      BONNIE_ASSIGN_OR_RETURN(const size_t count, TakePartitioning(reader_));
      return CheckPartitionCount(count);
    }
    return TakeTableOption(reader_);
  }

  absl::Status ReadAdd() {
    if (reader_.TakeWord("partition")) return ReadAddPartition();
    if (reader_.TakeWords({"system", "versioning"})) return absl::OkStatus();
    reader_.TakeWord("column");
    if (reader_.TakeWord("if") && !reader_.TakeWords({"not", "exists"})) return reader_.Expected("NOT EXISTS");
    if (!reader_.TakeSign("(")) return TakeDefinition(reader_);
    do {
      BONNIE_RETURN_IF_ERROR(TakeDefinition(reader_));
    } while (reader_.TakeSign(","));
    return reader_.TakeSign(")") ? absl::OkStatus() : reader_.Expected("')'");
  }

  absl::Status ReadAddPartition() {
    if (reader_.TakeWord("if") && !reader_.TakeWords({"not", "exists"})) return reader_.Expected("NOT EXISTS");
    size_t count = 0;
    if (reader_.TakeWord("partitions")) {
      BONNIE_ASSIGN_OR_RETURN(count, TakeCount(reader_));
    } else {
      BONNIE_ASSIGN_OR_RETURN(count, TakePartitionList(reader_));
    }
    return CheckPartitionCount(count);
  }

  absl::Status ReadReorganize() {
    if (reader_.AtEnd()) return absl::OkStatus();
    BONNIE_RETURN_IF_ERROR(TakeNameList());
    if (!reader_.TakeWord("into")) return reader_.Expected("INTO");
    BONNIE_ASSIGN_OR_RETURN(const size_t count, TakePartitionList(reader_));
    return CheckPartitionCount(count);
  }

  absl::Status ReadPartitionNames() {
    if (!reader_.TakeWord("partition")) return reader_.Expected("PARTITION");
    return TakeNameList();
  }

  absl::Status ReadDrop() {
    if (reader_.TakeWord("partition")) {
      TakeIfExists();
      effects_.losses.push_back("a partition");
      return TakeNameList();
    }
    if (reader_.TakeWords({"system", "versioning"})) {
      effects_.losses.push_back("the history");
      return absl::OkStatus();
    }
    if (reader_.TakeWords({"primary", "key"}) || reader_.TakeWords({"period", "for"})) {
      TakeIfExists();
      if (!reader_.AtEnd() && !reader_.AtSign(",")) return reader_.TakeName().status();
      return absl::OkStatus();
    }
    const bool keeps_rows =
        reader_.TakeAnyWord({"index", "key", "constraint", "check"}) || reader_.TakeWords({"foreign", "key"});
    if (!keeps_rows) reader_.TakeWord("column");
    TakeIfExists();
    BONNIE_ASSIGN_OR_RETURN(const std::string name, reader_.TakeName());
    if (!keeps_rows) effects_.losses.push_back(absl::StrCat("column ", name));
    if (!reader_.TakeWord("restrict")) reader_.TakeWord("cascade");
    return absl::OkStatus();
  }

  absl::Status ReadRename() {
    if (reader_.AtAnyWord({"column", "index", "key"})) return TakeDefinition(reader_);
    if (!reader_.TakeWord("to") && !reader_.TakeWord("as")) reader_.TakeSign("=");
    BONNIE_ASSIGN_OR_RETURN(effects_.renamed_to, reader_.TakeName());
    return absl::OkStatus();
  }

  absl::Status ReadCharset() {
    if (!reader_.TakeWord("charset") && !reader_.TakeWords({"character", "set"})) {
      return reader_.Expected("CHARACTER SET");
    }
    BONNIE_RETURN_IF_ERROR(TakeValue(reader_));
    return reader_.TakeWord("collate") ? TakeValue(reader_) : absl::OkStatus();
  }

  // `a`, `b DESC`: the commas within belong to the clause as long as a name and nothing of a clause follows.
  absl::Status TakeNameList() {
    if (reader_.TakeWord("all")) return absl::OkStatus();
    do {
      BONNIE_RETURN_IF_ERROR(reader_.TakeName().status());
      if (!reader_.TakeWord("asc")) reader_.TakeWord("desc");
    } while (!reader_.AtEnd() && reader_.TakeSign(","));
    return absl::OkStatus();
  }

  void TakeIfExists() { reader_.TakeWords({"if", "exists"}); }

  ClauseReader& reader_;
  AlterEffects effects_;
};

}  // namespace

absl::StatusOr<AlterEffects> CheckAlterClauses(ClauseReader& reader) { return AlterGrammar(reader).Read(); }

}  // namespace bonnie::schema
