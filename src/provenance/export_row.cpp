// Owns: reading rows for exports (see export_row.hpp).
#include "provenance/export_row.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/timestamp.h"
}

namespace strata::provenance {
namespace {

// A migration says when it began, a change when it ended and how long it took.
void read_times(const pg::RowScan& scan, ExportRow* out) {
  int64_t took = 0;
  for (int i = 0; i < scan.desc()->natts; i++) {
    const Form_pg_attribute column = TupleDescAttr(scan.desc(), i);
    if (scan.nulls()[i] || column->attisdropped) continue;
    const std::string_view name = NameStr(column->attname);
    if (column->atttypid == TIMESTAMPTZOID && name == "started_at") out->began = scan.int8(i + 1);
    if (column->atttypid == TIMESTAMPTZOID && name == "at") out->ended = scan.int8(i + 1);
    if (column->atttypid == INTERVALOID && name == "duration")
      took = DatumGetIntervalP(scan.values()[i])->time;
  }
  if (out->ended && !out->began) out->began = *out->ended - took;
}

}  // namespace

std::optional<ExportRow> row_of(const std::string& table, int64_t id, const pg::Moment& moment) {
  pg::RowScan scan(table, moment, id);
  if (!scan.next() || scan.int8(1) != id) return std::nullopt;
  pg::RowForm form(scan.desc());
  ExportRow out;
  for (auto& [name, value] : form.fields(scan.values(), scan.nulls()))
    out.fields.emplace(name, std::move(value));
  read_times(scan, &out);
  return out;
}

std::string value_of(const Fields& row, std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (const auto found = row.find(name); found != row.end()) return found->second;
  return {};
}

}  // namespace strata::provenance
