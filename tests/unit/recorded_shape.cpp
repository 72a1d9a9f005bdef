// One definition of many, by its text.
#include "model/recorded_shape.hpp"

#include <gtest/gtest.h>

using strata::model::shape_by_name;
using strata::model::shape_by_number;

namespace {

constexpr const char* kShapes =
    R"({"table app.a": {"oid":12,"kind":"table","columns":[{"name":"x}"}]}, )"
    R"("table app.\"b\": {\"": {"oid":1,"comment":"\\\"table app.a\": {\"oid\":2,","columns":[]}, )"
    R"("view app.c": {"oid":123,"definition":"\\"}})";

}  // namespace

TEST(RecordedShape, ByNumber) {
  EXPECT_EQ(shape_by_number(kShapes, 12), R"({"oid":12,"kind":"table","columns":[{"name":"x}"}]})");
  EXPECT_EQ(shape_by_number(kShapes, 123), R"({"oid":123,"definition":"\\"})");
  EXPECT_EQ(shape_by_number(kShapes, 2), "");
  EXPECT_EQ(shape_by_number("", 2), "");
}

TEST(RecordedShape, RelationsComeFirst) {
  EXPECT_EQ(shape_by_number(
                R"({"type t": {"oid":5,"kind":"enum"}, "table t": {"oid":5,"columns":[]}})", 5),
            R"({"oid":5,"columns":[]})");
}

TEST(RecordedShape, ByName) {
  EXPECT_EQ(shape_by_name(kShapes, "table app.a"),
            R"({"oid":12,"kind":"table","columns":[{"name":"x}"}]})");
  EXPECT_EQ(shape_by_name(kShapes, "view app.c"), R"({"oid":123,"definition":"\\"})");
  EXPECT_EQ(shape_by_name(kShapes, "app.c"), "");
  EXPECT_EQ(shape_by_name(kShapes, "table app.\"b\": {\""),
            R"({"oid":1,"comment":"\\\"table app.a\": {\"oid\":2,","columns":[]})");
}

TEST(RecordedShape, Truncated) {
  EXPECT_EQ(shape_by_number(R"({"table t": {"oid":5,"name":"\)", 5), "");
}
