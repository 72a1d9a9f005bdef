// Which settings switch off what guards.
#include "model/guard_setting.hpp"

#include <gtest/gtest.h>

using strata::model::switches_guards;

TEST(GuardSetting, OnlyWhatSwitchesGuards) {
  EXPECT_TRUE(switches_guards("session_replication_role"));
  EXPECT_TRUE(switches_guards("Session_Replication_ROLE"));
  EXPECT_TRUE(switches_guards("pg_strata.mode"));
  EXPECT_TRUE(switches_guards("PG_strata.restoring"));
  EXPECT_FALSE(switches_guards("pg_strata.ticket"));
  EXPECT_FALSE(switches_guards("pg_strata.serving"));
  EXPECT_TRUE(switches_guards("shared_preload_libraries"));
  EXPECT_FALSE(switches_guards("search_path"));
  EXPECT_FALSE(switches_guards("row_security"));
  EXPECT_FALSE(switches_guards("pg_strat"));
  EXPECT_FALSE(switches_guards("session_replication_rol"));
  EXPECT_FALSE(switches_guards(""));
}
