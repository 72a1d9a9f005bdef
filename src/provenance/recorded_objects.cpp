// Owns: reading recorded definitions (see recorded_objects.hpp).
#include "provenance/recorded_objects.hpp"

#include "model/json_value.hpp"

namespace strata::provenance {
namespace {

using model::BaseRelation;
using model::JsonValue;

bool is_dataset(const std::string& kind) {
  return kind == "table" || kind == "view" || kind == "materialized view" ||
         kind == "foreign table";
}

BaseRelation relation_of(const JsonValue& shape) {
  BaseRelation out{shape.member("schema"), shape.member("name"), {}};
  const JsonValue* columns = shape.find("columns");
  if (columns == nullptr) return out;
  constexpr std::string_view pinned = "pg_catalog.";  // as shapes are written
  for (const JsonValue& column : columns->items) {
    std::string type = column.member("type");
    if (type.starts_with(pinned)) type.erase(0, pinned.size());
    out.columns[atoi(column.member("attnum").c_str())] = {column.member("name"), type,
                                                          column.member("comment")};
  }
  return out;
}

}  // namespace

RecordedObjects recorded_objects(const std::string& before, const std::string& after) {
  RecordedObjects out;
  std::map<uint32_t, std::string> bases;
  for (const std::string* side : {&before, &after}) {
    const auto shapes = model::read_json(*side);
    if (!shapes) continue;
    for (const model::JsonValue& shape : shapes->items) {
      const auto oid = static_cast<uint32_t>(strtoul(shape.member("oid").c_str(), nullptr, 10));
      const std::string kind = shape.member("kind");
      if (is_dataset(kind)) {
        Touched& touched = out.relations[oid];
        (side == &before ? touched.before : touched.after) = relation_of(shape);
      } else if (kind == "schema") {
        const auto [at, is_new] = bases.emplace(oid, shape.member("name"));
        if (!is_new) out.renamed_bases.emplace_back(at->second, shape.member("name"));
      }
    }
  }
  return out;
}

}  // namespace strata::provenance
