// Owns: the canonical bytes of a row (see row_digest.hpp).
#include "pg/row_digest.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
}

namespace strata::pg {

RowForm::RowForm(TupleDesc desc, MemoryContext parent) {
  context_ = call(
      [&] { return AllocSetContextCreate(parent, "pg_strata row form", ALLOCSET_SMALL_SIZES); });
  for (int i = 0; i < desc->natts; i++) {
    const Form_pg_attribute attribute = TupleDescAttr(desc, i);
    if (attribute->attisdropped) continue;
    Column column{NameStr(attribute->attname), {}, i, Form::kOther, InvalidOid, nullptr};
    switch (attribute->atttypid) {
      case BOOLOID:
        column.form = Form::kBool;
        break;
      case INT2OID:
        column.form = Form::kInt2;
        break;
      case INT4OID:
        column.form = Form::kInt4;
        break;
      case INT8OID:
        column.form = Form::kInt8;
        break;
      case TIMESTAMPTZOID:
        column.form = Form::kTime;
        break;
      case INTERVALOID:
        column.form = Form::kInterval;
        break;
      case BYTEAOID:
        column.form = Form::kBytes;
        break;
      case NAMEOID:
        column.form = Form::kName;
        break;
      case TEXTOID:
      case VARCHAROID:
      case JSONOID:
        column.form = Form::kText;
        break;
      default:
        column.type = attribute->atttypid;
        if (attribute->attndims > 0) column.form = Form::kArray;
    }
    model::append_part(column.part, column.name);
    columns_.push_back(std::move(column));
  }
  std::sort(columns_.begin(), columns_.end(),
            [](const Column& a, const Column& b) { return a.name < b.name; });
  views_.resize(columns_.size());
  scratch_ = call([&] {
    return AllocSetContextCreate(context_, "pg_strata canonical row", ALLOCSET_DEFAULT_SIZES);
  });
}

// After an error the context above may have gone, and this one with it.
RowForm::~RowForm() {
  if (std::uncaught_exceptions() == 0) MemoryContextDelete(context_);
}

FmgrInfo* RowForm::output_of(Column& column) {
  if (column.output == nullptr) {
    Oid output;
    bool varlena;
    getTypeOutputInfo(column.type, &output, &varlena);
    auto* const info = static_cast<FmgrInfo*>(MemoryContextAlloc(context_, sizeof(FmgrInfo)));
    fmgr_info_cxt(output, info, context_);
    column.output = info;
  }
  return column.output;
}

RowForm::View RowForm::raw_view(Column& column, Datum value, bool as_utf8) {
  View view{nullptr, 0};
  switch (column.form) {
    case Form::kName:
      view = {NameStr(*DatumGetName(value)), strlen(NameStr(*DatumGetName(value)))};
      break;
    case Form::kBytes:
    case Form::kText: {
      const auto* packed =
          pg_detoast_datum_packed(reinterpret_cast<varlena*>(DatumGetPointer(value)));
      view = {VARDATA_ANY(packed), VARSIZE_ANY_EXHDR(packed)};
      break;
    }
    case Form::kArray:
      // array_out takes its time, and most arrays are empty.
      value = PointerGetDatum(pg_detoast_datum(reinterpret_cast<varlena*>(DatumGetPointer(value))));
      if (ARR_NDIM(DatumGetArrayTypeP(value)) == 0) return {"{}", 2};
      [[fallthrough]];
    case Form::kOther:
      view.data = OutputFunctionCall(output_of(column), value);
      view.size = strlen(view.data);
      break;
    default:
      return view;
  }
  // A database without an encoding has bytes; they are taken as they are.
  if (!as_utf8 || column.form == Form::kBytes || GetDatabaseEncoding() == PG_UTF8 ||
      GetDatabaseEncoding() == PG_SQL_ASCII)
    return view;
  const char* converted = pg_server_to_any(view.data, static_cast<int>(view.size), PG_UTF8);
  if (converted != view.data) view = {converted, strlen(converted)};
  return view;
}

void RowForm::append_value(std::string& out, const Column& column, Datum value, View view) {
  switch (column.form) {
    case Form::kBool:
      out += DatumGetBool(value) ? "true" : "false";
      break;
    case Form::kInt2:
      out += std::to_string(DatumGetInt16(value));
      break;
    case Form::kInt4:
      out += std::to_string(DatumGetInt32(value));
      break;
    case Form::kInt8:
      out += std::to_string(DatumGetInt64(value));
      break;
    case Form::kTime:
      model::append_iso_time(out, DatumGetTimestampTz(value));
      break;
    case Form::kInterval: {
      const Interval* interval = DatumGetIntervalP(value);
      out += model::iso_interval(interval->month, interval->day, interval->time);
      break;
    }
    case Form::kBytes: {
      constexpr char digits[] = "0123456789abcdef";
      size_t at = out.size();
      out.resize(at + 2 * view.size);
      for (size_t i = 0; i < view.size; i++) {
        const auto byte = static_cast<uint8_t>(view.data[i]);
        out[at++] = digits[byte >> 4];
        out[at++] = digits[byte & 15];
      }
      break;
    }
    default:
      out.append(view.data, view.size);
  }
}

void RowForm::look(const Datum* values, const bool* nulls, bool as_utf8) {
  call([&] {
    MemoryContextReset(scratch_);
    MemoryContext const before = MemoryContextSwitchTo(scratch_);
    for (size_t i = 0; i < columns_.size(); i++)
      if (!nulls[columns_[i].index])
        views_[i] = raw_view(columns_[i], values[columns_[i].index], as_utf8);
    MemoryContextSwitchTo(before);
  });
}

void RowForm::bytes(std::string& out, const Datum* values, const bool* nulls) {
  look(values, nulls, true);
  out.clear();
  model::begin_row(out);
  for (size_t i = 0; i < columns_.size(); i++) {
    const Column& column = columns_[i];
    if (nulls[column.index]) continue;
    out += column.part;
    if (column.form >= Form::kName) {
      model::append_part(out, std::string_view(views_[i].data, views_[i].size));
      continue;
    }
    value_.clear();
    append_value(value_, column, values[column.index], views_[i]);
    model::append_part(out, value_);
  }
}

std::vector<std::pair<std::string, std::string>> RowForm::fields(const Datum* values,
                                                                 const bool* nulls) {
  look(values, nulls, false);
  std::vector<std::pair<std::string, std::string>> out;
  for (size_t i = 0; i < columns_.size(); i++) {
    if (nulls[columns_[i].index]) continue;
    std::string value;
    append_value(value, columns_[i], values[columns_[i].index], views_[i]);
    out.emplace_back(columns_[i].name, std::move(value));
  }
  return out;
}

}  // namespace strata::pg
