// JSON output.
#include "model/json.hpp"

#include <gtest/gtest.h>

using strata::model::json_object;
using strata::model::json_string;

TEST(JsonString, EscapesQuotesBackslashesAndControls) {
  EXPECT_EQ(json_string("a\"b\\c\n\x01"), "\"a\\\"b\\\\c\\u000a\\u0001\"");
}

TEST(JsonString, KeepsUtf8) {
  EXPECT_EQ(json_string("\xc3\xa9"), "\"\xc3\xa9\"");
}

TEST(JsonObject, OrdersKeys) {
  EXPECT_EQ(json_object({{"b", "2"}, {"a", "1"}}), "{\"a\": \"1\", \"b\": \"2\"}");
}

TEST(JsonObject, Empty) {
  EXPECT_EQ(json_object({}), "{}");
}
