// Which literals are masked in statement text that is kept.
#include "model/mask.hpp"

#include "model/json_value.hpp"

#include <gtest/gtest.h>

using strata::model::mask_body;
using strata::model::mask_in_definition;
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
           R"(CREATE TABLE "password" (token text CHECK (token = upper(token))))",
           "ALTER TABLE t RENAME password TO passwd; SELECT 'x'",
           "SELECT password::text, 'tokens: 5', 'x=1' FROM t WHERE password=other",
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

TEST(Mask, SettingsWhoseNameIsASecret) {
  EXPECT_EQ(mask_secrets(R"(CREATE FUNCTION f() RETURNS int SET "my.password" = 'LEAK1' AS 'x')"),
            R"(CREATE FUNCTION f() RETURNS int SET "my.password" = '***' AS 'x')");
  EXPECT_EQ(mask_secrets(R"(ALTER FUNCTION f SET "my.password" TO 'LEAK')"),
            R"(ALTER FUNCTION f SET "my.password" TO '***')");
  EXPECT_EQ(mask_secrets("SET my.db_password TO E'LEAK'"), "SET my.db_password TO E'***'");
  EXPECT_EQ(mask_secrets("SELECT f(api_key => 'LEAK', other := 'x', token := 'LEAK')"),
            "SELECT f(api_key => '***', other := 'x', token := '***')");
}

TEST(Mask, LiteralsInLiterals) {
  EXPECT_EQ(mask_secrets("AS 'begin execute ''alter role q password E''''LEAK2''''''; end'"),
            "AS '***'");
  for (const char* text :
       {"'password U&''LEAK'''", "'password $q$LEAK$q$'", R"(E'password \'LEAK\'')",
        "'set my.password to ''LEAK'''", R"('{"password": "LEAK"}')", "'host=h passwd=LEAK'",
        "'client_secret = LEAK'", "'?token=LEAK'"})
    EXPECT_EQ(mask_secrets(text).find("LEAK"), std::string::npos) << mask_secrets(text);
}

TEST(Mask, Comments) {
  EXPECT_EQ(mask_secrets("SELECT 1 -- password=LEAK\n, 'x' /* http://u:LEAK@h */ + 1 -- password"),
            "SELECT 1 -- ***\n, 'x' /* *** */ + 1 -- password");
}

TEST(Mask, BodiesOfAnyLanguage) {
  EXPECT_EQ(mask_secrets("SELECT dblink_connect($$host=h password=LEAK user=u$$)"),
            "SELECT dblink_connect($$host=h password=*** user=u$$)");
  EXPECT_EQ(mask_body(R"(connect("host=h password=LEAK"))"), R"(connect("***"))");
  EXPECT_EQ(mask_body(R"(connect(password="LEAK", user="u"))"),
            R"(connect(password="***", user="u"))");
  EXPECT_EQ(mask_body(R"({"password": "LEAK", 'token': 'LEAK', 'x': 'y'})"),
            R"({"password": "***", 'token': '***', 'x': 'y'})");
  EXPECT_EQ(mask_body("postgresql://u:LEAK@h/d"), "postgresql://u:***@h/d");
  EXPECT_EQ(mask_body("x := password=a-- it's\n; ALTER ROLE a PASSWORD 'LEAK'"),
            "x := password=***-- it's\n; ALTER ROLE a PASSWORD '***'");
}

TEST(Mask, Definitions) {
  EXPECT_EQ(
      mask_in_definition(R"({"foreign_options":["table_name=password=LEAK","password=a b",)"
                         R"("user=u"],"kind":"foreign table"})"),
      R"({"foreign_options":["table_name=***","password=***","user=u"],"kind":"foreign table"})");
  EXPECT_EQ(mask_in_definition(R"({"definition":"AS $f$ select 'postgresql://u:LEAK4@h/d'\n$f$"})"),
            R"({"definition":"AS $f$ select '***'\u000a$f$"})");
  EXPECT_EQ(mask_in_definition(R"({"definition":"SET \"my.password\" TO 'LEAK \\\\ '"})"),
            R"({"definition":"SET \"my.password\" TO '***'"})");
  EXPECT_EQ(mask_in_definition(R"({"comment":"don't: password = LEAK","default":"'x'::text"})"),
            R"({"comment":"***","default":"'x'::text"})");
}

TEST(Mask, LeavesOrdinaryDefinitionsAloneToTheByte) {
  for (const char* text : {
           "",
           "{}",
           "[]",
           "{\"",
           "{\"a",
           "{\"a\\",
           "nothing",
           R"({"oid":1,"name":"pass\"word","acl":["token=r/password","x=r/y"],"password":"x = y"})",
           R"({"columns":[{"name":"password","type":"text","default":"'\u0001\\\\x'::text"}]})",
           R"({"constraints":[{"definition":"CHECK (password <> upper(password)) x"}]})",
           R"({"comment":"the user's password","options":["fillfactor=70"]})",
       })
    EXPECT_EQ(mask_in_definition(text), text);
}

TEST(Mask, DefinitionsStayJsonAndMaskedOnesAreLeft) {
  const std::string text =
      R"({"definition":"\"a\"\\ \n\t'password=\"LEAK\u00e9' $q$ token=LEAK\"\\","x":[1,{"y":"a://u:LEAK@h"}]})";
  const std::string masked = mask_in_definition(text);
  EXPECT_TRUE(strata::model::read_json(masked)) << masked;
  EXPECT_EQ(masked.find("LEAK"), std::string::npos) << masked;
  EXPECT_EQ(mask_in_definition(masked), masked);
}

TEST(Mask, LongTextsCostNothing) {
  for (const char* part : {"password ", "password   ", "password=", "://a:", R"(\\\")", R"('\\\")",
                           R"(\"a\":)", "$a$ ", "/* ", R"(password\\\\)", "password'", "-"}) {
    std::string text;
    while (text.size() < 1000000)
      text += part;
    mask_body(text);
    mask_in_definition("{\"definition\":\"" + text + "\"}");
  }
}
