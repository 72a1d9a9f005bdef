// Names in SQL text.
#include "model/sql_names.hpp"

#include <gtest/gtest.h>

using strata::model::column_names_in;
using strata::model::qualified_names;
using strata::model::unquoted;
using Names = std::set<std::string>;

TEST(ColumnNames, FoldsAllButQuoted) {
  EXPECT_EQ(column_names_in("First || \"Last\" || \"a\"\"b\""), (Names{"first", "Last", "a\"b"}));
}

TEST(ColumnNames, LeavesLiteralsAndComments) {
  EXPECT_EQ(column_names_in(
                "a || 'b ''c' || E'\\'d' || $$e$$ || $x$ f $$ $x$ -- g\n /* h /* i */ j */ || k"),
            (Names{"a", "k"}));
  EXPECT_EQ(column_names_in("'never ended"), Names{});
  EXPECT_EQ(column_names_in("/* never ended"), Names{});
  EXPECT_EQ(column_names_in("$$never ended"), Names{});
}

TEST(ColumnNames, LeavesFunctionsAndTypes) {
  EXPECT_EQ(column_names_in("lower(a) || b::date || upper (c)"), (Names{"a", "b", "c"}));
  EXPECT_EQ(column_names_in("users.a + 1e5 + $1"), (Names{"users", "a"}));
}

TEST(Unquoted, Identifiers) {
  EXPECT_EQ(unquoted("shop"), "shop");
  EXPECT_EQ(unquoted("\"My \"\"shop\"\"\""), "My \"shop\"");
  EXPECT_EQ(unquoted("\""), "\"");
}

TEST(QualifiedNames, Lists) {
  using List = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(qualified_names("shop.users, \"a.b\".\"c, d\""),
            (List{{"shop", "users"}, {"a.b", "c, d"}}));
  EXPECT_EQ(qualified_names("users"), List{});
  EXPECT_EQ(qualified_names(""), List{});
}
