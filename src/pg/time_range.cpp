// Owns: reading and making tstzrange (see time_range.hpp).
#include "pg/time_range.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/rangetypes.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"
}

namespace strata::pg {
namespace raw {

static TypeCacheEntry* time_range_type() {
  return lookup_type_cache(TSTZRANGEOID, TYPECACHE_RANGE_INFO);
}

struct Bounds {
  RangeBound lower;
  RangeBound upper;
  bool empty;
};

static Bounds read_time_range(Datum value) {
  Bounds out;
  range_deserialize(time_range_type(), DatumGetRangeTypeP(value), &out.lower, &out.upper,
                    &out.empty);
  return out;
}

static Datum make_time_range(model::Instant begin, model::Instant end) {
  RangeBound lower{TimestampTzGetDatum(begin), begin == model::kBeginOfTime, true, true};
  RangeBound upper{TimestampTzGetDatum(end), end == model::kEndOfTime, false, false};
  return RangeTypePGetDatum(strata_compat_make_range(time_range_type(), &lower, &upper, false));
}

}  // namespace raw

model::Range read_time_range(Datum value) {
  const raw::Bounds bounds = call([&] { return raw::read_time_range(value); });
  if (bounds.empty) return {};
  // Timestamps are whole microseconds, so what ends with one ends before the next. '-infinity' and
  // 'infinity' are the ends of time already.
  const auto instant = [](const RangeBound& bound, bool inside) {
    const TimestampTz at = DatumGetTimestampTz(bound.val);
    return TIMESTAMP_NOT_FINITE(at) || inside ? at : at + 1;
  };
  return {
      bounds.lower.infinite ? model::kBeginOfTime : instant(bounds.lower, bounds.lower.inclusive),
      bounds.upper.infinite ? model::kEndOfTime : instant(bounds.upper, !bounds.upper.inclusive)};
}

Datum make_time_range(const model::Range& range) {
  return call([&] { return raw::make_time_range(range.begin, range.end); });
}

}  // namespace strata::pg
