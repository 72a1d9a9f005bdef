// Which literals are masked in statement text that is kept.
#include "model/mask.hpp"

#include <gtest/gtest.h>

using strata::model::mask_secrets;

TEST(Mask, LeavesOrdinaryStatementsAlone) {
  for (const char* text : {
           "",
           "ALTER TABLE shop.users DROP COLUMN name",
           "ALTER TABLE t ADD COLUMN password text DEFAULT 'x'",
           "SELECT '",
           "COMMENT ON COLUMN t.password IS 'the user''s password'",
           "SELECT 'a', E'b\\'c', $x$ d $x$, \"password\", $1 -- it's\n/* it's /* */ */ 'e'",
           "CREATE TABLE connection (options int DEFAULT ('7'))",
           "SELECT 'https://host/a:b@c', 'a@b:c'",
       })
    EXPECT_EQ(mask_secrets(text), text);
}

TEST(Mask, Passwords) {
  EXPECT_EQ(mask_secrets("CREATE ROLE a PASSWORD 'secret' LOGIN"),
            "CREATE ROLE a PASSWORD '***' LOGIN");
  EXPECT_EQ(mask_secrets("alter role a encrypted password'secret'"),
            "alter role a encrypted password'***'");
  EXPECT_EQ(mask_secrets("ALTER ROLE a PASSWORD /* new */ -- one\n E'se\\'cret' VALID UNTIL 'x'"),
            "ALTER ROLE a PASSWORD /* new */ -- one\n E'***' VALID UNTIL 'x'");
  EXPECT_EQ(mask_secrets("ALTER ROLE a PASSWORD U&'s\\0065cret'"), "ALTER ROLE a PASSWORD U&'***'");
  EXPECT_EQ(mask_secrets("ALTER ROLE a PASSWORD $q$secret$q$"), "ALTER ROLE a PASSWORD '***'");
  EXPECT_EQ(mask_secrets("ALTER ROLE a PASSWORD NULL; SELECT 'x'"),
            "ALTER ROLE a PASSWORD NULL; SELECT 'x'");
}

TEST(Mask, EveryPartOfALiteral) {
  EXPECT_EQ(mask_secrets("ALTER ROLE a PASSWORD 'sec''ret'"), "ALTER ROLE a PASSWORD '***'");
  EXPECT_EQ(mask_secrets("ALTER ROLE a PASSWORD 'sec'\n 'ret'; SELECT 'x'"),
            "ALTER ROLE a PASSWORD '***'\n '***'; SELECT 'x'");
  EXPECT_EQ(mask_secrets("ALTER ROLE a PASSWORD 'secret"), "ALTER ROLE a PASSWORD '***'");
  EXPECT_EQ(mask_secrets("ALTER ROLE a PASSWORD $x$secret"), "ALTER ROLE a PASSWORD '***'");
}

TEST(Mask, BackslashesAsTheSessionReadsThem) {
  const char* text = "ALTER ROLE a PASSWORD 'sec\\'ret' LOGIN";
  EXPECT_EQ(mask_secrets(text, true), "ALTER ROLE a PASSWORD '***' LOGIN");
}

TEST(Mask, OptionsOfForeignThings) {
  EXPECT_EQ(mask_secrets("CREATE USER MAPPING FOR u SERVER s OPTIONS (user 'u', \"password\" 'p')"),
            "CREATE USER MAPPING FOR u SERVER s OPTIONS (user '***', \"password\" '***')");
  EXPECT_EQ(mask_secrets("ALTER SERVER s OPTIONS(SET host 'h', ADD key E'k'); SELECT ('x')"),
            "ALTER SERVER s OPTIONS(SET host '***', ADD key E'***'); SELECT ('x')");
}

TEST(Mask, Connections) {
  EXPECT_EQ(mask_secrets("CREATE SUBSCRIPTION s CONNECTION 'host=h password=p' PUBLICATION p"),
            "CREATE SUBSCRIPTION s CONNECTION '***' PUBLICATION p");
  EXPECT_EQ(mask_secrets("SELECT dblink_connect('host=h Password = p'), 'x'"),
            "SELECT dblink_connect('***'), 'x'");
  EXPECT_EQ(mask_secrets("SELECT 'postgresql://u:p@h/d'"), "SELECT '***'");
}

TEST(Mask, BodiesAndNestedCommands) {
  EXPECT_EQ(mask_secrets("DO $$ BEGIN ALTER ROLE a PASSWORD 'secret'; PERFORM 'x'; END $$ "),
            "DO $$ BEGIN ALTER ROLE a PASSWORD '***'; PERFORM 'x'; END $$ ");
  EXPECT_EQ(mask_secrets("DO $$ BEGIN EXECUTE 'ALTER ROLE a PASSWORD ''secret'''; END $$"),
            "DO $$ BEGIN EXECUTE '***'; END $$");
}

TEST(Mask, DeepBodiesCostNothing) {
  std::string text;
  for (int i = 0; i < 300000; i++)
    text += "$a" + std::to_string(i) + "$ ";
  EXPECT_EQ(mask_secrets(text), "$a0$ $a1$ $a2$ $a3$ $a4$ $a5$ $a6$ $a7$ '***'");
}

TEST(Mask, Limit) {
  EXPECT_EQ(mask_secrets("ALTER ROLE a PASSWORD 'secret'", false, 24), "ALTER ROLE a PASSWORD '*");
  EXPECT_EQ(mask_secrets("SELECT 'abcdefgh'", false, 10), "SELECT 'ab");
  EXPECT_EQ(mask_secrets("DO $$ abcdefgh $$", false, 9), "DO $$ abc");
  EXPECT_EQ(mask_secrets("SELECT 1", false, 0), "");
}
