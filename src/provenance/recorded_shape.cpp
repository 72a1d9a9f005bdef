// The SQL functions strata.recorded_shape(): one definition of those that a change has.
#include "model/recorded_shape.hpp"

#include "pg/function.hpp"
#include "provenance/json_result.hpp"

namespace strata::provenance {
namespace {

// The text of a json argument; it lives as long as the call.
std::string_view text_of(const pg::Arguments& args, int i) {
  const varlena* text = pg::call([&] { return PG_DETOAST_DATUM_PACKED(args.datum(i)); });
  return {VARDATA_ANY(text), static_cast<size_t>(VARSIZE_ANY_EXHDR(text))};
}

Datum shape_or_null(const pg::Arguments& args, std::string_view shape) {
  if (!shape.empty()) return json_result(std::string(shape));
  args.info()->isnull = true;
  return args.none();
}

}  // namespace

STRATA_FUNCTION(recorded_shape_by_number) {
  return shape_or_null(args, model::shape_by_number(text_of(args, 0), args.oid(1)));
}

STRATA_FUNCTION(recorded_shape_by_name) {
  return shape_or_null(args, model::shape_by_name(text_of(args, 0), text_of(args, 1)));
}

}  // namespace strata::provenance
