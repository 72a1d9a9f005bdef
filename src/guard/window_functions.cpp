// strata.add_window, drop_window, window_open, next_window, window_now.
#include "guard/window_rights.hpp"
#include "guard/window_row.hpp"
#include "guard/windows.hpp"
#include "pg/function.hpp"
#include "pg/owner_spi.hpp"
#include "pg/time_range.hpp"
#include "pg/zone.hpp"
#include "version/rights.hpp"

extern "C" {
#include "access/htup_details.h"
#include "provenance/call.hpp"
}

namespace strata::guard {
namespace {

Error invalid(const std::string& window, const Fault& fault) {
  return {ERRCODE_INVALID_PARAMETER_VALUE,
          fmt::format("invalid {} of window \"{}\"", fault.field, window), fault.detail,
          fault.hint};
}

WindowRow row_of(const pg::Arguments& args) {
  WindowRow row;
  row.starts = args.timestamp(1);
  row.duration = args.interval(2);
  row.rrule = args.optional_text(3);
  row.time_zone = args.text(4);
  if (!args.is_null(6)) row.cutoff = args.interval(6);
  return row;
}

// Returns the name as the database of zones writes it. Not by loading it: the server would also
// take what POSIX allows, where "UTC+3" is three hours west of it.
std::string require_zone(pg::Spi& spi, const std::string& window, const std::string& zone) {
  const auto found = spi.query(
      "SELECT name FROM pg_catalog.pg_timezone_names WHERE pg_catalog.lower(name) = "
      "pg_catalog.lower($1) LIMIT 1",
      {pg::SqlArg::text(zone)});
  if (found.empty())
    throw invalid(window, {"time zone", fmt::format("The server has no time zone \"{}\".", zone),
                           "SELECT name FROM pg_timezone_names;"});
  return *found[0][0];
}

void require_occurrence(const std::string& window, const WindowRow& row,
                        const std::optional<model::RRule>& rule) {
  const auto zone = pg::zone_named(row.time_zone);
  if (!zone || make_window(row, rule, *zone).following(model::kBeginOfTime)) return;
  throw invalid(
      window,
      {row.rrule ? "recurrence rule" : "start",
       row.rrule ? fmt::format("{} never occurs from the start on.", *row.rrule)
                 : "The clock skips that time, and nothing is left of it.",
       "Look at the days that BYMONTH, BYMONTHDAY and BYDAY leave together, and at UNTIL."});
}

// Returns the base argument; InvalidOid where it is NULL. Raises ST010 unless it is tracked.
Oid asked_base(const pg::Arguments& args) {
  if (args.is_null(0)) return InvalidOid;
  version::require_tracked(args.oid(0));
  return args.oid(0);
}

TimestampTz asked_instant(const pg::Arguments& args, int i) {
  args.require(i, "at");
  return args.timestamp(i);
}

Datum range_or_null(const pg::Arguments& args, const std::optional<model::Range>& range) {
  if (range) return pg::make_time_range(*range);
  args.info()->isnull = true;
  return Datum{0};
}

}  // namespace

STRATA_CHANGE(add_window) {
  args.require(0, "name");
  args.require(1, "starts");
  args.require(2, "duration");
  args.require(4, "time_zone");
  const std::string name = args.text(0);
  const auto base = require_control(args.is_null(5) ? InvalidOid : args.oid(5), "add a window");
  if (name.empty())
    throw Error(ERRCODE_INVALID_PARAMETER_VALUE, "a window needs a name",
                "It is known by its name in strata.windows and to strata.drop_window().");
  WindowRow row = row_of(args);
  std::optional<model::RRule> rule;
  if (const Fault fault = read_row(row, rule)) throw invalid(name, fault);
  pg::OwnerSpi spi;
  row.time_zone = require_zone(spi, name, row.time_zone);
  require_occurrence(name, row, rule);
  const bool added = spi.run(
                         "INSERT INTO strata.change_window (name, starts, duration, rrule, "
                         "time_zone, base, cutoff) "
                         "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name) DO NOTHING",
                         {pg::SqlArg::text(name),
                          {TIMESTAMPOID, TimestampGetDatum(row.starts), false},
                          {INTERVALOID, IntervalPGetDatum(&row.duration), false},
                          pg::SqlArg::text_or_null(row.rrule),
                          pg::SqlArg::text(row.time_zone),
                          pg::SqlArg::name_or_null(base),
                          {INTERVALOID, IntervalPGetDatum(&row.cutoff), false}}) == 1;
  if (!added)
    throw Error(ERRCODE_DUPLICATE_OBJECT, fmt::format("window \"{}\" already exists", name), "",
                fmt::format("SELECT strata.drop_window({});", pg::quote_literal(name)));
  return args.none();
}

STRATA_CHANGE(drop_window) {
  args.require(0, "name");
  const std::string name = args.text(0);
  drop_row("change_window", "window", name);
  return args.none();
}

STRATA_FUNCTION(window_open) {
  const Oid base = asked_base(args);
  return BoolGetDatum(window_state(base, asked_instant(args, 1)).open());
}

STRATA_FUNCTION(next_window) {
  const Oid base = asked_base(args);
  return range_or_null(args, next_window(base, asked_instant(args, 1)));
}

STRATA_FUNCTION(window_now) {
  const auto now = window_now(args.text(0), args.timestamp(1)).value_or(WindowNow{});
  const auto range = [](const std::optional<model::Range>& of) {
    return of ? pg::make_time_range(*of) : Datum{0};
  };
  Datum values[] = {BoolGetDatum(now.open), range(now.current), range(now.next), Datum{0}};
  bool nulls[] = {false, !now.current, !now.next, now.problem.empty()};
  return pg::call([&] {
    if (!nulls[3]) values[3] = CStringGetTextDatum(now.problem.c_str());
    TupleDesc desc;
    if (get_call_result_type(args.info(), nullptr, &desc) != TYPEFUNC_COMPOSITE) return Datum{0};
    return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
  });
}

}  // namespace strata::guard
