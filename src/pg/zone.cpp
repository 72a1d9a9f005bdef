// Owns: reading the server's time zones (see zone.hpp).
#include "pg/zone.hpp"

extern "C" {
#include "datatype/timestamp.h"
#include "pgtime.h"
}

namespace strata::pg {
namespace {

// pg_time_t counts from 1970, timestamps from 2000.
constexpr int64_t kEpochs =
    static_cast<int64_t>(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY;

}  // namespace

// Neither function of the server raises.
model::ZoneRules::Stretch ServerZone::stretch_at(model::Instant at) const {
  const pg_time_t second = model::floor_div(at, model::kSecond) + kEpochs;
  long before = 0;
  long after = 0;
  int before_is_dst = 0;
  int after_is_dst = 0;
  pg_time_t change = 0;
  const int found =
      pg_next_dst_boundary(&second, &before, &before_is_dst, &change, &after, &after_is_dst, zone_);
  if (found >= 0)
    return {before * model::kSecond,
            found > 0 ? (change - kEpochs) * model::kSecond : model::kEndOfTime};
  // The years that are asked about are within what it can do.
  throw Error(ERRCODE_DATETIME_FIELD_OVERFLOW, "timestamp out of range");
}

std::optional<ServerZone> zone_named(const std::string& name) {
  pg_tz* const zone = call([&] { return pg_tzset(name.c_str()); });
  if (zone == nullptr) return std::nullopt;
  return ServerZone(zone);
}

}  // namespace strata::pg
