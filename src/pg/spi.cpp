// Owns: the SPI connection scope and its conversions (see spi.hpp).
#include "pg/spi.hpp"

#include "pg/first_rows.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/snapmgr.h"
}

namespace strata::pg {

SqlArg SqlArg::text(std::string_view value) {
  const Datum datum = call([&] {
    return PointerGetDatum(cstring_to_text_with_len(value.data(), static_cast<int>(value.size())));
  });
  return {TEXTOID, datum, false};
}

SqlArg SqlArg::text_or_null(const std::optional<std::string>& value) {
  if (value) return text(*value);
  return {TEXTOID, Datum{0}, true};
}

SqlArg SqlArg::texts(const std::vector<std::string>& values) {
  const Datum array = call([&] {
    auto* elements = static_cast<Datum*>(palloc(sizeof(Datum) * (values.size() + 1)));
    for (size_t i = 0; i < values.size(); i++)
      elements[i] = PointerGetDatum(
          cstring_to_text_with_len(values[i].data(), static_cast<int>(values[i].size())));
    return PointerGetDatum(construct_array(elements, static_cast<int>(values.size()), TEXTOID, -1,
                                           false, TYPALIGN_INT));
  });
  return {TEXTARRAYOID, array, false};
}

SqlArg SqlArg::oids(const std::vector<Oid>& values) {
  const Datum array = call([&] {
    auto* elements = static_cast<Datum*>(palloc(sizeof(Datum) * (values.size() + 1)));
    for (size_t i = 0; i < values.size(); i++)
      elements[i] = ObjectIdGetDatum(values[i]);
    return PointerGetDatum(construct_array(elements, static_cast<int>(values.size()), OIDOID,
                                           sizeof(Oid), true, TYPALIGN_INT));
  });
  return {OIDARRAYOID, array, false};
}

SqlArg SqlArg::int8s(const std::vector<int64_t>& values) {
  const Datum array = call([&] {
    auto* elements = static_cast<Datum*>(palloc(sizeof(Datum) * (values.size() + 1)));
    for (size_t i = 0; i < values.size(); i++)
      elements[i] = Int64GetDatum(values[i]);
    return PointerGetDatum(construct_array(elements, static_cast<int>(values.size()), INT8OID,
                                           sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
  });
  return {INT8ARRAYOID, array, false};
}

SqlArg SqlArg::name(std::string_view value) {
  const Datum datum = call([&] {
    auto* copy = static_cast<Name>(palloc0(NAMEDATALEN));
    memcpy(NameStr(*copy), value.data(), std::min(value.size(), size_t{NAMEDATALEN - 1}));
    return NameGetDatum(copy);
  });
  return {NAMEOID, datum, false};
}

SqlArg SqlArg::name_or_null(const std::optional<std::string>& value) {
  if (value) return name(*value);
  return {NAMEOID, Datum{0}, true};
}

SqlArg SqlArg::oid(Oid value) {
  return {OIDOID, ObjectIdGetDatum(value), false};
}
SqlArg SqlArg::int8(int64_t value) {
  return {INT8OID, Int64GetDatum(value), false};
}
SqlArg SqlArg::int4(int32_t value) {
  return {INT4OID, Int32GetDatum(value), false};
}
SqlArg SqlArg::boolean(bool value) {
  return {BOOLOID, BoolGetDatum(value), false};
}

Spi::Spi() : exceptions_(std::uncaught_exceptions()) {
  call([] {
    if (SPI_connect() != SPI_OK_CONNECT) elog(ERROR, "could not connect to SPI");
  });
}

Spi::~Spi() {
  if (std::uncaught_exceptions() == exceptions_) SPI_finish();
}

namespace raw {

struct Arguments {
  int count;
  Oid* types;
  Datum* values;
  char* nulls;
};

static Arguments marshal(const SqlArg* args, size_t count) {
  Arguments out{static_cast<int>(count), nullptr, nullptr, nullptr};
  if (count == 0) return out;
  out.types = static_cast<Oid*>(palloc(count * sizeof(Oid)));
  out.values = static_cast<Datum*>(palloc(count * sizeof(Datum)));
  out.nulls = static_cast<char*>(palloc(count));
  for (size_t i = 0; i < count; i++) {
    out.types[i] = args[i].type;
    out.values[i] = args[i].value;
    out.nulls[i] = args[i].null ? 'n' : ' ';
  }
  return out;
}

static void execute(const char* sql, const SqlArg* args, size_t count) {
  Arguments a = marshal(args, count);
  int code = SPI_execute_with_args(sql, a.count, a.types, a.values, a.nulls, false, 0);
  if (code < 0) elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(code));
}

// `most`: rows after which it ends; 0: all are fetched.
static void execute_now(const char* sql, const SqlArg* args, size_t count, long most) {
  Arguments a = marshal(args, count);
  SPIPlanPtr plan = SPI_prepare(sql, a.count, a.types);
  if (plan == nullptr) elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
  int code = SPI_execute_snapshot(plan, a.values, a.nulls, GetLatestSnapshot(), InvalidSnapshot,
                                  true, false, most);
  if (code < 0) elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(code));
}

}  // namespace raw

// Returns what the last statement left in SPI_tuptable, as text.
static std::vector<SqlRow> result_rows() {
  std::vector<SqlRow> rows;
  SPITupleTable* const table = SPI_tuptable;
  if (table == nullptr) return rows;
  const int columns = table->tupdesc->natts;
  rows.reserve(table->numvals);
  for (uint64_t i = 0; i < table->numvals; i++) {
    SqlRow row(static_cast<size_t>(columns));
    for (int c = 0; c < columns; c++) {
      const char* cell = call([&] { return SPI_getvalue(table->vals[i], table->tupdesc, c + 1); });
      if (cell) row[static_cast<size_t>(c)] = cell;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<SqlRow> Spi::query(const std::string& sql, const std::vector<SqlArg>& args) {
  call([&] { raw::execute(sql.c_str(), args.data(), args.size()); });
  return result_rows();
}

std::vector<SqlRow> Spi::query_now(const std::string& sql, const std::vector<SqlArg>& args) {
  call([&] { raw::execute_now(sql.c_str(), args.data(), args.size(), 0); });
  return result_rows();
}

std::vector<SqlRow> first_rows_now(Spi&, const std::string& sql, long most) {
  call([&] { raw::execute_now(sql.c_str(), nullptr, 0, most); });
  return result_rows();
}

uint64_t Spi::run(const std::string& sql, const std::vector<SqlArg>& args) {
  call([&] { raw::execute(sql.c_str(), args.data(), args.size()); });
  return SPI_processed;
}

std::string quote(std::string_view identifier) {
  const std::string text(identifier);
  return call([&] { return quote_identifier(pstrdup(text.c_str())); });
}

std::string quote_literal(std::string_view text) {
  const std::string copy(text);
  return call([&] { return quote_literal_cstr(copy.c_str()); });
}

Oid to_oid(const std::optional<std::string>& cell) {
  return cell ? static_cast<Oid>(std::stoul(*cell)) : InvalidOid;
}

}  // namespace strata::pg
