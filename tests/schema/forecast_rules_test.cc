#include "services/schema/forecast_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/schema/create_table.h"
#include "services/schema/forecast_live.h"
#include "services/schema/forecast_rows.h"

namespace bonnie::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Table Parsed(const std::string& body) {
  auto table = ParseCreateTable("CREATE TABLE `t` (\n" + body + "\n) ENGINE=InnoDB");
  EXPECT_TRUE(table.ok()) << table.status();
  return table.value_or(Table());
}

TEST(ForecastRulesTest, AnInstantStatementBlocksNobodyWhateverItsLock) {
  StepForecast forecast;
  Settle(&forecast, Algorithm::kInstant, LockLevel::kExclusive, ForecastBasis::kProbed);
  EXPECT_FALSE(forecast.blocks_writes || forecast.blocks_reads || forecast.rebuilds);
  Settle(&forecast, Algorithm::kCopy, LockLevel::kShared, ForecastBasis::kProbed);
  EXPECT_TRUE(forecast.blocks_writes && forecast.rebuilds);
  EXPECT_FALSE(forecast.blocks_reads);
  Settle(&forecast, Algorithm::kRebuild, LockLevel::kNone, ForecastBasis::kProbed);
  EXPECT_TRUE(forecast.rebuilds);
  EXPECT_FALSE(forecast.blocks_writes);
}

TEST(ForecastRulesTest, RowVersionsEndWhereTheServerSays) {
  EXPECT_EQ(MaxRowVersions("8.0.36"), 64);
  EXPECT_EQ(MaxRowVersions("8.4.3"), 64);
  EXPECT_EQ(MaxRowVersions("9.0.1"), 64);
  EXPECT_EQ(MaxRowVersions("9.1.0"), 255);
  EXPECT_EQ(MaxRowVersions("9.7.4-2"), 255);
  EXPECT_EQ(MaxRowVersions("10.0.0"), 255);
}

TEST(ForecastRulesTest, AnIndexThatTheServerMayHaveMadeMayGoWhenAWiderOneComes) {
  const Table before = Parsed(
      "  `id` int NOT NULL,\n  `p` int,\n  `q` int,\n  PRIMARY KEY (`id`),\n  KEY `f` (`p`),\n"
      "  CONSTRAINT `f` FOREIGN KEY (`p`) REFERENCES `par` (`id`)");
  const Table wider = Parsed(
      "  `id` int NOT NULL,\n  `p` int,\n  `q` int,\n  PRIMARY KEY (`id`),\n  KEY `f` (`p`),\n"
      "  KEY `w` (`p`,`q`),\n  CONSTRAINT `f` FOREIGN KEY (`p`) REFERENCES `par` (`id`)");
  const Table other = Parsed(
      "  `id` int NOT NULL,\n  `p` int,\n  `q` int,\n  PRIMARY KEY (`id`),\n  KEY `f` (`p`),\n"
      "  KEY `w` (`q`),\n  CONSTRAINT `f` FOREIGN KEY (`p`) REFERENCES `par` (`id`)");
  EXPECT_TRUE(MayLoseIndex(before, wider));
  EXPECT_FALSE(MayLoseIndex(before, other));
}

TEST(ForecastRulesTest, SaysWhatALargeRebuildWants) {
  StepForecast forecast;
  forecast.bytes = std::int64_t{5} << 30;
  Settle(&forecast, Algorithm::kRebuild, LockLevel::kNone, ForecastBasis::kProbed);
  const auto notes = SizeNotes(forecast, 128 << 20);
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_THAT(notes[0], HasSubstr("about 5 GiB"));
  EXPECT_THAT(notes[1], HasSubstr("128 MiB"));
  Settle(&forecast, Algorithm::kInstant, LockLevel::kNone, ForecastBasis::kProbed);
  EXPECT_THAT(SizeNotes(forecast, 128 << 20), IsEmpty());
}

TEST(ForecastRulesTest, AsksRowsWhatTheNewRulesWant) {
  const Table before = Parsed("  `id` int NOT NULL,\n  `a` int,\n  `b` varchar(9),\n  PRIMARY KEY (`id`)");
  const Table after = Parsed(
      "  `id` int NOT NULL,\n  `a` int NOT NULL,\n  `b` varchar(9),\n  `new` int NOT NULL,\n  PRIMARY KEY (`id`),\n"
      "  UNIQUE KEY `u` (`a`,`b`(3)),\n  CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `p` (`x`),\n"
      "  CONSTRAINT `k` CHECK (`a` > 1)");
  std::vector<std::string> queries;
  for (const RowQuestion& question : RowQuestions(before, after)) queries.push_back(question.query);
  EXPECT_THAT(queries,
              ElementsAre("FROM `t` WHERE `a` IS NULL",
                          "FROM `t` WHERE `a` IS NOT NULL AND `b` IS NOT NULL GROUP BY `a`, LEFT(`b`, 3) HAVING "
                          "COUNT(*) > 1",
                          "FROM `t` c LEFT JOIN `p` p ON p.`x` = c.`a` WHERE c.`a` IS NOT NULL AND p.`x` IS NULL",
                          "FROM `t` WHERE NOT (`a` > 1)"));
  EXPECT_THAT(RowQuestions(after, before), IsEmpty());
}

TEST(ForecastRulesTest, FindsTablesInsideInnodbByTheNamesOfFiles) {
  EXPECT_EQ(InnodbName("plain_1"), "plain_1");
  EXPECT_EQ(InnodbName("a b-c"), "a@0020b@002dc");
  EXPECT_EQ(InnodbName("\xC3\xA4"), "") << "not encoded here, so not looked up";
}

}  // namespace
}  // namespace bonnie::schema
