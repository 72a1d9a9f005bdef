// JSON input.
#include "model/json_value.hpp"

#include <gtest/gtest.h>

using strata::model::JsonValue;
using strata::model::read_json;

TEST(JsonValue, ReadsWhatIsThere) {
  const auto value = read_json(R"( {"a": [1, -2.5e+3, true, null], "b": {"c": "x"}} )");
  ASSERT_TRUE(value);
  EXPECT_EQ(value->find("a")->items.size(), 4U);
  EXPECT_EQ(value->find("a")->items[1].text, "-2.5e+3");
  EXPECT_EQ(value->find("a")->items[3].kind, JsonValue::Kind::kNull);
  EXPECT_EQ(value->find("b")->member("c"), "x");
  EXPECT_EQ(value->member("b"), R"({"c": "x"})");
  EXPECT_EQ(value->find("c"), nullptr);
  EXPECT_EQ(value->member("c"), "");
}

TEST(JsonValue, TextIsAsItWasWritten) {
  const auto value = read_json("{\"a\" :  {\"b\" : [ 1 ]} , \"c\":2}");
  ASSERT_TRUE(value);
  EXPECT_EQ(value->find("a")->text, "{\"b\" : [ 1 ]}");
  EXPECT_EQ(value->find("c")->text, "2");
}

TEST(JsonValue, ReadsEscapes) {
  EXPECT_EQ(read_json(R"("a\"\\\/\n\u0001\u00e9\u20ac\ud83d\ude00")")->string(),
            "a\"\\/\n\x01\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
}

TEST(JsonValue, RefusesWhatIsNone) {
  for (const char* text :
       {"",          " ",         "{",           "}",           "[1,]", "{\"a\"}",
        "{\"a\": }", "{a: 1}",    "[1 2]",       "01",          "1.",   ".5",
        "1e",        "-",         "+1",          "tru",         "\"a",  "\"\n\"",
        "\"\\x\"",   "\"\\u12\"", "\"\\ud83d\"", "\"\\ude00\"", "1 1",  "{\"a\": 1,}",
        "nullx"})
    EXPECT_FALSE(read_json(text)) << text;
}

TEST(JsonValue, RefusesWhatIsTooDeep) {
  const std::string deepest = std::string(100, '[') + std::string(100, ']');
  const std::string deeper = std::string(200, '[') + std::string(200, ']');
  const std::string open(100000, '[');
  EXPECT_TRUE(read_json(deepest));
  EXPECT_FALSE(read_json(deeper));
  EXPECT_FALSE(read_json(open));
}

TEST(JsonValue, FindsNamesByWhatTheySay) {
  const auto value = read_json(R"({"\u0061\"b": "x\ty", "\\": 1, "c\\": 2})");
  ASSERT_TRUE(value);
  EXPECT_EQ(value->member("a\"b"), "x\ty");
  EXPECT_EQ(value->items[0].name(), "a\"b");
  EXPECT_EQ(value->member("\\"), "1");
  EXPECT_EQ(value->find("\\\\"), nullptr);
  EXPECT_EQ(value->member("c\\"), "2");
  EXPECT_EQ(value->name(), "");
}

TEST(JsonValue, RefusesEscapesThatEndWithTheText) {
  for (const char* text : {"\"\\", "\"\\\"", "\"\\u", "\"\\u123", "\"\\ud83d\\u", "\"\\ud83d\\"})
    EXPECT_FALSE(read_json(text)) << text;
}
