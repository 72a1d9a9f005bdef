// Owns: reading from the registry what a write mapping is made of (see mapping_build.hpp).
#include "rewrite/mapping_build.hpp"

#include "catalog/relations.hpp"
#include "pg/expression.hpp"
#include "pg/names.hpp"
#include "pg/relation.hpp"
#include "pg/table_scan.hpp"
#include "rewrite/mapping_tree.hpp"

namespace strata::rewrite {
namespace {

// Positions of columns of the registry's tables; the install script keeps them for ever.
constexpr int kColumnNumber = 2;
constexpr int kColumnName = 3;
constexpr int kFillExpression = 3;
constexpr int kWriteKeepUnchanged = 3;

int32_t number_at(const pg::TableRows& rows, int row) {
  return DatumGetInt32(static_cast<Datum>(rows.int8(row, kColumnNumber)));
}

std::map<int32_t, AttrNumber> numbers_of(Oid base) {
  const pg::TableRows rows = pg::find_rows("strata", "base_column", "base_column_pkey", base);
  std::map<int32_t, AttrNumber> out;
  for (int i = 0; i < rows.count(); i++) {
    if (rows.oid(i, 1) != base) continue;
    const AttrNumber attnum = pg::attribute_number(base, rows.name(i, kColumnName));
    if (attnum > 0) out[number_at(rows, i)] = attnum;
  }
  return out;
}

Node* fill_of(Oid base, const pg::Attribute& column, const std::string& expression) {
  try {
    return pg::parse_constant(base, expression, column.type, column.typmod,
                              fmt::format("fill of column \"{}\"", column.name));
  } catch (const Error& error) {
    if (error.is_cancel()) throw;
    throw Error(
        sqlstate::kMappingUnresolved,
        fmt::format("cannot fill column \"{}\" of {}", column.name, pg::relation_display(base)),
        fmt::format("{}: {}.", expression, error.message()),
        "Say anew what such inserts store: SELECT strata.fill_column(...);");
  }
}

// Returns true when clients of the version always give what the base column is computed from: then
// leaving it out is their error, as it was when the version was published.
bool is_asked_for(const catalog::VersionView& view, const WriteMapping* mapping,
                  AttrNumber attnum) {
  for (int i = 0; i < mapping->write_count; i++) {
    const BaseWrite& write = mapping->writes[i];
    if (write.attnum != attnum) continue;
    const auto contract = catalog::contract(view.relation_id);
    for (const catalog::ContractColumn& column : contract)
      if (bms_is_member(column.position, write.inputs) && !column.omissible) return true;
  }
  return false;
}

void add_fills(WriteMapping* mapping, const catalog::VersionView& view, const pg::TableRows& fills,
               const std::map<int32_t, AttrNumber>& numbers) {
  const auto attributes = pg::attributes(view.base);
  std::vector<Fill> out;
  for (int i = 0; i < fills.count(); i++) {
    if (fills.oid(i, 1) != view.base) continue;
    const auto number = numbers.find(number_at(fills, i));
    if (number == numbers.end() || raw::shows(mapping, number->second) ||
        is_asked_for(view, mapping, number->second))
      continue;
    const pg::Attribute& attribute = attributes.at(number->second);
    out.push_back({number->second, fill_of(view.base, attribute, fills.text(i, kFillExpression))});
  }
  if (out.empty()) return;
  mapping->fills = pg::call([&] { return static_cast<Fill*>(palloc(sizeof(Fill) * out.size())); });
  for (const Fill& fill : out)
    mapping->fills[mapping->fill_count++] = fill;
}

}  // namespace

WriteMapping* build_mapping(const catalog::VersionView& view) {
  const pg::TableRows fills = pg::find_rows("strata", "column_fill", "column_fill_pkey", view.base);
  std::map<int32_t, AttrNumber> numbers;
  std::vector<raw::NumberedColumn> columns;
  if (OidIsValid(view.inverse) || fills.count() > 0) numbers = numbers_of(view.base);
  if (OidIsValid(view.inverse)) {
    const pg::TableRows writes =
        pg::find_rows_by_number("strata", "column_write", "column_write_pkey", view.relation_id);
    for (const auto& [number, attnum] : numbers) {
      // What the author did not speak of is a conversion that nobody has proven.
      bool guarded = true;
      for (int i = 0; i < writes.count(); i++)
        if (writes.int8(i, 1) == view.relation_id && number_at(writes, i) == number)
          guarded = DatumGetBool(static_cast<Datum>(writes.int8(i, kWriteKeepUnchanged)));
      columns.push_back({number, attnum, guarded});
    }
  }
  WriteMapping* out = pg::call([&] {
    return raw::version_mapping(view.view, view.base, view.inverse, columns.data(),
                                static_cast<int>(columns.size()));
  });
  if (fills.count() > 0) add_fills(out, view, fills, numbers);
  return out;
}

}  // namespace strata::rewrite
