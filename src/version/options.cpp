// strata.set_option: what holds for all versions of a base schema.
#include "catalog/registry.hpp"
#include "guard/rights.hpp"
#include "pg/function.hpp"
#include "pg/owner_spi.hpp"
#include "provenance/call.hpp"
#include "version/rights.hpp"
#include "version/version_lock.hpp"

extern "C" {
#include "utils/fmgrprotos.h"
}

namespace strata::version {
namespace {

Error no_value(const std::string& option, const std::string& value, const char* detail) {
  return {ERRCODE_INVALID_PARAMETER_VALUE,
          fmt::format("\"{}\" is no value of option \"{}\"", value, option), detail};
}

// Returns true for an interval that is not negative. Raises what reading it raises.
bool is_duration(const std::string& text) {
  return pg::call([&] {
    const Datum read = DirectFunctionCall3(interval_in, CStringGetDatum(text.c_str()),
                                           ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
    Interval none = {};
    return DatumGetBool(DirectFunctionCall2(interval_ge, read, IntervalPGetDatum(&none)));
  });
}

// Writes a column of the base's row.
void write(const std::string& base, const char* column, const char* type,
           const std::string& value) {
  pg::OwnerSpi spi;
  spi.run(fmt::format("UPDATE strata.base_schema SET {} = $2::pg_catalog.{} WHERE base = $1",
                      column, type),
          {pg::SqlArg::name(base), pg::SqlArg::text(value)});
}

bool shortens_idle_time(const std::string& base, const std::string& value) {
  pg::OwnerSpi spi;
  return !spi.query_now(
                 "SELECT FROM strata.base_schema AS b WHERE b.base = $1 AND "
                 "b.retire_after_idle > $2::pg_catalog.interval",
                 {pg::SqlArg::name(base), pg::SqlArg::text(value)})
              .empty();
}

void set_on_break(const std::string& base, const std::string& value) {
  if (value != "refuse" && value != "follow")
    throw no_value("on_break", value, "on_break is refuse or follow.");
  write(base, "on_break", "text", value);
}

void set_idle_time(const std::string& base, const std::string& value) {
  if (!is_duration(value))
    throw no_value("retire_after_idle", value,
                   "retire_after_idle is an interval, as '7 days'; 0: versions may be retired "
                   "whoever uses them.");
  // Else who needs an approval to retire by force would shorten it first.
  if (shortens_idle_time(base, value)) guard::require_administrator("shorten retire_after_idle");
  write(base, "retire_after_idle", "interval", value);
}

}  // namespace

STRATA_CHANGE(set_option) {
  args.require(0, "base");
  args.require(1, "option");
  args.require(2, "value");
  const Oid base = args.oid(0);
  require_owner_of(base);
  const VersionLock lock(base);
  const std::string name = require_tracked(base).name;
  const std::string option = args.text(1);
  const std::string value = args.text(2);
  if (option == "on_break")
    set_on_break(name, value);
  else if (option == "retire_after_idle")
    set_idle_time(name, value);
  else
    throw Error(ERRCODE_INVALID_PARAMETER_VALUE, fmt::format("unknown option \"{}\"", option),
                "The options of a base schema are: on_break, retire_after_idle.");
  return args.none();
}

}  // namespace strata::version
