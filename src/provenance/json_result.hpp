// jsonb in and out of SQL functions, as text.
#pragma once

#include "pg/function.hpp"

extern "C" {
#include "utils/fmgrprotos.h"
}

namespace strata::provenance {

inline Datum json_result(const std::string& json) {
  return pg::call([&] { return DirectFunctionCall1(jsonb_in, CStringGetDatum(json.c_str())); });
}

inline std::string json_argument(const pg::Arguments& args, int i) {
  return pg::call([&] { return DatumGetCString(DirectFunctionCall1(jsonb_out, args.datum(i))); });
}

}  // namespace strata::provenance
