// How version schemas are named.
#include "model/version_name.hpp"

#include <gtest/gtest.h>

using strata::model::version_schema_name;

TEST(VersionSchemaName, JoinsBaseAndVersion) {
  EXPECT_EQ(version_schema_name("shop", "v1"), "shop_v1");
}

TEST(VersionSchemaName, FoldsEveryOtherCharacterToOneUnderscore) {
  EXPECT_EQ(version_schema_name("shop", "2024-06.1"), "shop_2024_06_1");
  EXPECT_EQ(version_schema_name("My Shop", "V1"), "_y__hop__1");
}

TEST(VersionSchemaName, CountsCharactersNotBytes) {
  EXPECT_EQ(version_schema_name("caf\xc3\xa9", "\xe2\x82\xac"), "caf___");
}

TEST(VersionSchemaName, DoesNotCut) {
  EXPECT_EQ(version_schema_name(std::string(63, 'a'), "v1").size(), 66U);
}
