// Making a C++ function callable from SQL, and reading its arguments.
//
//   STRATA_FUNCTION(track) { ...; return args.none(); }
//
// defines strata_track, entered through the entry guard. Arguments count from 0.
#pragma once

#include "pg/guard.hpp"

extern "C" {
#include "funcapi.h"
#include "utils/timestamp.h"
}

namespace strata::pg {

class Arguments {
 public:
  explicit Arguments(FunctionCallInfo info) : info_(info) {}

  bool is_null(int i) const { return info_->args[i].isnull; }
  Oid oid(int i) const { return DatumGetObjectId(info_->args[i].value); }
  int64_t int8(int i) const { return DatumGetInt64(info_->args[i].value); }
  bool boolean(int i) const { return DatumGetBool(info_->args[i].value); }
  Datum datum(int i) const { return info_->args[i].value; }
  const Interval& interval(int i) const { return *DatumGetIntervalP(info_->args[i].value); }
  TimestampTz timestamp(int i) const { return DatumGetTimestampTz(info_->args[i].value); }
  std::string name(int i) const { return NameStr(*DatumGetName(info_->args[i].value)); }
  std::string text(int i) const {
    const Datum value = info_->args[i].value;
    return call([&] {
      return text_to_cstring(
          pg_detoast_datum_packed(reinterpret_cast<varlena*>(DatumGetPointer(value))));
    });
  }
  std::optional<std::string> optional_text(int i) const {
    if (is_null(i)) return std::nullopt;
    return text(i);
  }
  FunctionCallInfo info() const { return info_; }

  // Raises 22004 when argument i is NULL; `what` names it.
  void require(int i, const char* what) const {
    if (is_null(i))
      throw Error(ERRCODE_NULL_VALUE_NOT_ALLOWED, fmt::format("{} must not be null", what));
  }

  Datum none() const { return Datum{0}; }

 private:
  FunctionCallInfo info_;
};

// A set-returning function's result, materialized; rows are cells of text or null, converted by the
// result columns' input functions.
class ResultSet {
 public:
  explicit ResultSet(const Arguments& args) : info_(args.info()) {
    call([&] { InitMaterializedSRF(info_, 0); });
  }
  // For a function whose rows are single values.
  struct Scalar {};
  ResultSet(const Arguments& args, Scalar) : info_(args.info()) {
    call([&] { InitMaterializedSRF(info_, MAT_SRF_USE_EXPECTED_DESC); });
  }
  void add(const std::vector<std::optional<std::string>>& row);

 private:
  FunctionCallInfo info_;
};

}  // namespace strata::pg

#define STRATA_FUNCTION(name)                                                             \
  static Datum name##_body(const strata::pg::Arguments& args);                            \
  extern "C" {                                                                            \
  PG_FUNCTION_INFO_V1(strata_##name);                                                     \
  Datum strata_##name(PG_FUNCTION_ARGS) {                                                 \
    return strata::pg::enter([&] { return name##_body(strata::pg::Arguments(fcinfo)); }); \
  }                                                                                       \
  }                                                                                       \
  static Datum name##_body([[maybe_unused]] const strata::pg::Arguments& args)
