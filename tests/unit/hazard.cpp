// Facts to hazards to risk.
#include "model/hazard.hpp"

#include <gtest/gtest.h>

#include <string>

#include "model/facts.hpp"

using namespace strata::model;

namespace {

constexpr int64_t kSmall = 1'000'000;

RelationFacts table(Lock lock, int64_t bytes = 10 * kSmall) {
  RelationFacts relation;
  relation.oid = 1;
  relation.name = "public.t";
  relation.lock = lock;
  relation.named = true;
  relation.bytes = bytes;
  return relation;
}

DroppedObject lost(bool by_cascade = false, int64_t bytes = kSmall) {
  DroppedObject dropped;
  dropped.type = "table";
  dropped.holds_data = true;
  dropped.by_cascade = by_cascade;
  dropped.bytes = bytes;
  return dropped;
}

StatementFacts on(const RelationFacts& relation) {
  StatementFacts facts;
  facts.has_lock_timeout = true;
  facts.relations.push_back(relation);
  return facts;
}

std::string names(const StatementFacts& facts) {
  std::string list;
  hazards(facts).each([&](Hazard hazard) {
    if (!list.empty()) list += ' ';
    list += name(hazard);
  });
  return list;
}

Risk risk_of(const StatementFacts& facts) {
  return risk(facts, hazards(facts), kSmall);
}

}  // namespace

TEST(Hazard, NamesLeadBack) {
  for (unsigned i = 0; i < kHazards; i++) {
    const auto hazard = static_cast<Hazard>(i);
    EXPECT_EQ(hazard_named(name(hazard)), hazard);
  }
  EXPECT_EQ(hazard_named("data_loss"), std::nullopt);
  EXPECT_EQ(name(Hazard::NoLockTimeout), "NO_LOCK_TIMEOUT");
  EXPECT_EQ(risk_named("critical"), Risk::Critical);
  EXPECT_EQ(risk_named("CRITICAL"), std::nullopt);
}

TEST(Hazard, BriefLockIsNone) {
  const StatementFacts facts = on(table(Lock::AccessExclusive));
  EXPECT_EQ(names(facts), "");
  EXPECT_EQ(risk_of(facts), Risk::Moderate);
}

TEST(Hazard, LockWithoutTimeout) {
  StatementFacts facts = on(table(Lock::AccessExclusive));
  facts.has_lock_timeout = false;
  EXPECT_EQ(names(facts), "NO_LOCK_TIMEOUT");
  facts.relations[0].lock = Lock::ShareUpdateExclusive;
  EXPECT_EQ(names(facts), "");
  EXPECT_EQ(risk_of(facts), Risk::Low);
}

TEST(Hazard, RewriteBlocksBoth) {
  StatementFacts facts = on(table(Lock::AccessExclusive));
  facts.relations[0].rewritten = facts.relations[0].scanned = true;
  EXPECT_EQ(names(facts), "REWRITE SCAN BLOCKS_READS BLOCKS_WRITES");
  EXPECT_EQ(risk_of(facts), Risk::High);
  facts.relations[0].bytes = kSmall - 1;
  EXPECT_EQ(risk_of(facts), Risk::Moderate);
}

TEST(Hazard, ScanUnderShareLockBlocksWriters) {
  StatementFacts facts = on(table(Lock::Share));
  facts.relations[0].scanned = true;
  EXPECT_EQ(names(facts), "SCAN BLOCKS_WRITES");
}

TEST(Hazard, ScanThatNobodyWaitsForIsNone) {
  StatementFacts facts = on(table(Lock::ShareUpdateExclusive));
  facts.relations[0].scanned = true;
  EXPECT_EQ(names(facts), "");
  EXPECT_EQ(risk_of(facts), Risk::Low);
}

TEST(Hazard, LockOnOneTableIsHeldWhileAnotherIsRead) {
  StatementFacts facts = on(table(Lock::AccessExclusive));
  facts.relations.push_back(table(Lock::AccessShare));
  facts.relations[1].scanned = true;
  EXPECT_EQ(names(facts), "SCAN BLOCKS_READS BLOCKS_WRITES");
}

TEST(Hazard, LockTableIsMeantToBlock) {
  StatementFacts facts = on(table(Lock::AccessExclusive, 0));
  facts.holds_lock = true;
  EXPECT_EQ(names(facts), "BLOCKS_READS BLOCKS_WRITES");
  EXPECT_EQ(risk_of(facts), Risk::High);
}

TEST(Hazard, DropLosesData) {
  StatementFacts facts = on(table(Lock::AccessExclusive));
  facts.drops.push_back(lost());
  facts.reversibility = Reversibility::Irreversible;
  EXPECT_EQ(names(facts), "DATA_LOSS IRREVERSIBLE");
  facts.drops.push_back(lost(true));
  EXPECT_EQ(names(facts), "DATA_LOSS DATA_LOSS_CASCADE IRREVERSIBLE");
  EXPECT_EQ(risk_of(facts), Risk::Critical);
}

TEST(Hazard, DropOfNoRowsLosesNothing) {
  StatementFacts facts = on(table(Lock::AccessExclusive, 0));
  facts.drops.push_back(lost(false, 0));
  facts.breaks_readers = true;
  EXPECT_EQ(names(facts), "BREAKS_READERS");
  EXPECT_EQ(risk_of(facts), Risk::High);
}

TEST(Hazard, UnknownSizeCountsAsRows) {
  StatementFacts facts;
  facts.drops.push_back(lost(false, -1));
  EXPECT_EQ(names(facts), "DATA_LOSS");
}

TEST(Hazard, TruncateLosesDataButRewritesNothing) {
  StatementFacts facts = on(table(Lock::AccessExclusive));
  facts.relations[0].emptied = facts.relations[0].rewritten = true;
  EXPECT_EQ(names(facts), "DATA_LOSS");
  facts.relations[0].named = false;
  EXPECT_EQ(names(facts), "DATA_LOSS DATA_LOSS_CASCADE");
}

TEST(Hazard, ConversionLosesValuesOnlyWhereThereAreRows) {
  StatementFacts facts = on(table(Lock::AccessExclusive, 0));
  facts.relations[0].rewritten = facts.may_lose_values = true;
  EXPECT_EQ(names(facts), "");
  facts.relations[0].bytes = 8192;
  EXPECT_TRUE(hazards(facts).has(Hazard::DataLoss));
}

TEST(Hazard, NewAndTemporaryObjectsAreNobodys) {
  for (const bool temp : {false, true}) {
    StatementFacts facts = on(table(Lock::AccessExclusive));
    facts.relations[0].rewritten = facts.breaks_readers = facts.exposure = true;
    facts.relations[0].is_temp = temp;
    facts.relations[0].is_new = !temp;
    facts.reversibility = Reversibility::Irreversible;
    facts.has_lock_timeout = false;
    facts.drops.push_back(lost());
    facts.drops[0].is_temp = temp;
    facts.drops[0].is_new = !temp;
    EXPECT_EQ(names(facts), "");
    EXPECT_EQ(risk_of(facts), Risk::Low);
  }
}

TEST(Hazard, NewTableDoesNotHideTheOldOne) {
  StatementFacts facts = on(table(Lock::AccessExclusive));
  facts.relations[0].is_new = true;
  facts.drops.push_back(lost(true));
  EXPECT_EQ(names(facts), "DATA_LOSS DATA_LOSS_CASCADE");
}

TEST(Hazard, LabelOfEnumIsNoHazardThoughNothingTakesItBack) {
  StatementFacts facts;
  facts.creates_only = true;
  facts.reversibility = Reversibility::Irreversible;
  EXPECT_EQ(names(facts), "");
  EXPECT_EQ(risk_of(facts), Risk::Low);
}

TEST(Hazard, FlagsAreHazardsOfTheirOwn) {
  StatementFacts facts;
  facts.control_plane = facts.privilege = facts.exposure = facts.integrity_loss = true;
  facts.latent_loss = facts.breaks_writers = true;
  facts.transactional = facts.analyzable = false;
  EXPECT_EQ(names(facts),
            "LATENT_LOSS BREAKS_WRITERS INTEGRITY_LOSS EXPOSURE PRIVILEGE CONTROL_PLANE "
            "NONTRANSACTIONAL UNANALYZABLE");
}

TEST(Facts, StrongestLockAndBytes) {
  StatementFacts facts = on(table(Lock::Share, 100));
  facts.relations.push_back(table(Lock::RowShare, 10));
  facts.relations[1].scanned = true;
  EXPECT_EQ(name(facts.strongest_lock()), "ShareLock");
  EXPECT_EQ(facts.blocks(), Blocks::Writes);
  EXPECT_EQ(facts.bytes_touched(), 10);
  facts.relations[1].oid = 2;
  facts.drops.push_back(lost(false, 5));
  facts.drops[0].objid = 3;
  facts.drops.push_back(facts.drops[0]);  // another column of the same table
  EXPECT_EQ(facts.bytes_touched(), 15);
  facts.drops[1].bytes = -1;
  EXPECT_EQ(facts.bytes_touched(), INT64_MAX);
  EXPECT_EQ(facts.scans().size(), 1U);
}

TEST(Hazards, nobody_uses_a_table_without_rows) {
  StatementFacts facts;
  facts.breaks_writers = true;
  facts.relations.push_back(table(Lock::AccessExclusive, 0));
  EXPECT_TRUE(hazards(facts).has(Hazard::BreaksWriters));
  facts.relations[0].is_empty = true;
  EXPECT_FALSE(hazards(facts).has(Hazard::BreaksWriters));
  facts.relations.push_back(table(Lock::ShareRowExclusive));
  EXPECT_TRUE(hazards(facts).has(Hazard::BreaksWriters));
}

TEST(Hazards, nobody_had_rights_on_a_new_table) {
  StatementFacts facts;
  facts.privilege = true;
  EXPECT_TRUE(hazards(facts).has(Hazard::Privilege));  // of a role, say
  facts.relations.push_back(table(Lock::AccessExclusive));
  EXPECT_TRUE(hazards(facts).has(Hazard::Privilege));
  facts.relations[0].is_new = true;
  EXPECT_FALSE(hazards(facts).has(Hazard::Privilege));
}

TEST(Hazards, what_is_on_a_table_without_rows_goes_unmissed) {
  StatementFacts facts = on(table(Lock::AccessExclusive, 0));
  facts.integrity_loss = true;
  DroppedObject constraint;
  constraint.objid = 7;
  facts.drops.push_back(constraint);
  facts.relations[0].is_empty = true;
  EXPECT_EQ(names(facts), "INTEGRITY_LOSS");
  facts.drops[0].table = facts.relations[0].oid;
  EXPECT_EQ(names(facts), "");
}
