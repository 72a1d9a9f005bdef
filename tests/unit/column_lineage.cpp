// Which columns of base relations the columns of versions are made of.
#include "model/column_lineage.hpp"

#include <gtest/gtest.h>

namespace {

using strata::model::BaseRelation;
using strata::model::ColumnLineage;
using strata::model::VersionColumn;

BaseRelation relation(const std::string& name, const std::map<int, std::string>& columns) {
  BaseRelation out{"shop", name, {}};
  for (const auto& [number, column] : columns)
    out.columns[number] = {column, "text", ""};
  return out;
}

// What the version's column is read from: "table.column" of each.
std::set<std::string> sources(const ColumnLineage& lineage, const std::string& column) {
  std::set<std::string> out;
  for (const auto& shown : lineage.shown())
    for (const VersionColumn& one : shown.columns)
      if (one.name == column)
        for (const int number : one.reads) {
          const BaseRelation* base = lineage.relation(shown.reads);
          if (base->columns.contains(number))
            out.insert(base->name + "." + base->columns.at(number).name);
        }
  return out;
}

using Sources = std::set<std::string>;

class Lineage : public testing::Test {
 protected:
  void SetUp() override {
    lineage.becomes(1, 10, relation("users", {{1, "id"}, {2, "name"}}));
    EXPECT_EQ(lineage.publish("shop", "v1", "shop_v1").size(), 1U);
  }
  ColumnLineage lineage;
};

TEST_F(Lineage, FollowsRenames) {
  lineage.becomes(2, 10, relation("people", {{1, "id"}, {2, "full_name"}, {3, "more"}}));
  EXPECT_EQ(sources(lineage, "name"), Sources{"people.full_name"});
  EXPECT_EQ(lineage.named("shop", "users"), 0U);
  EXPECT_EQ(lineage.named("shop", "people"), 10U);
}

TEST_F(Lineage, FollowsReplacements) {
  lineage.becomes(2, 10, relation("users", {{1, "id"}, {2, "name"}, {3, "first"}, {4, "last"}}));
  lineage.replace_column(10, "name", "first || ' name ' || last");
  EXPECT_EQ(sources(lineage, "name"), (Sources{"users.first", "users.last"}));
  lineage.becomes(3, 10, relation("users", {{1, "id"}, {3, "given"}, {4, "last"}}));
  EXPECT_EQ(sources(lineage, "name"), (Sources{"users.given", "users.last"}));
  lineage.replace_column(10, "id", "last");
  EXPECT_EQ(sources(lineage, "id"), Sources{"users.last"});
  EXPECT_EQ(sources(lineage, "name"), (Sources{"users.given", "users.last"}));
}

TEST_F(Lineage, ReadsWhatTheServerSays) {
  lineage.becomes(2, 10, relation("users", {{1, "id"}, {2, "name"}, {3, "date"}}));
  lineage.reads("shop", "v1", "users", "name", "(date)::text", false);
  EXPECT_EQ(sources(lineage, "name"), Sources{"users.date"});
  EXPECT_EQ(lineage.shown()[0].columns[1].expression, "(date)::text");
  lineage.reads("shop", "v2", "users", "name", "id", true);
  EXPECT_EQ(sources(lineage, "name"), Sources{"users.date"});
  lineage.reads("shop", "v1", "users", "name", "NULL::text", false);
  EXPECT_EQ(sources(lineage, "name"), Sources{});
}

TEST_F(Lineage, ColumnsThatAreGone) {
  lineage.becomes(2, 10, relation("users", {{1, "id"}}));
  EXPECT_EQ(sources(lineage, "name"), Sources{});
}

TEST_F(Lineage, FollowsSwapsOfOneTransaction) {
  lineage.becomes(2, 10, relation("users_old", {{1, "id"}, {2, "name"}}));
  lineage.becomes(2, 20, relation("users", {{1, "name"}, {2, "id"}}));
  EXPECT_EQ(sources(lineage, "name"), Sources{"users.name"});
  EXPECT_EQ(lineage.shown()[0].reads, 20U);
}

TEST_F(Lineage, NotThoseOfTwo) {
  lineage.becomes(2, 10, relation("users_old", {{1, "id"}, {2, "name"}}));
  lineage.becomes(3, 20, relation("users", {{1, "name"}}));
  EXPECT_EQ(sources(lineage, "name"), Sources{"users_old.name"});
  lineage.repoint(10, 20);
  EXPECT_EQ(sources(lineage, "name"), Sources{"users.name"});
  EXPECT_EQ(sources(lineage, "id"), Sources{});
}

TEST_F(Lineage, WhatTakesTheNameOfOneThatIsGone) {
  lineage.becomes(2, 10, std::nullopt);
  EXPECT_EQ(lineage.named("shop", "users"), 0U);
  lineage.becomes(3, 20, relation("users", {{1, "name"}}));
  EXPECT_EQ(sources(lineage, "name"), Sources{"users.name"});
}

TEST_F(Lineage, OtherNumbersAfterARestore) {
  lineage.was(30, relation("users", {{1, "name"}, {2, "id"}}));
  EXPECT_EQ(lineage.named("shop", "users"), 30U);
  EXPECT_EQ(lineage.shown()[0].reads, 30U);
  EXPECT_EQ(sources(lineage, "name"), Sources{"users.name"});
}

TEST_F(Lineage, Retires) {
  lineage.publish("shop", "v2", "shop_v2");
  lineage.rename_base("shop", "store");
  EXPECT_TRUE(lineage.retire("shop", "v1").empty());
  EXPECT_EQ(lineage.retire("store", "v1").size(), 1U);
  ASSERT_EQ(lineage.shown().size(), 1U);
  EXPECT_EQ(lineage.shown()[0].version, "v2");
}

}  // namespace
