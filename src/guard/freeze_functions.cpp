// strata.add_freeze, drop_freeze.
#include "guard/window_rights.hpp"
#include "pg/function.hpp"
#include "pg/owner_spi.hpp"
#include "pg/time_range.hpp"
#include "provenance/call.hpp"

namespace strata::guard {

STRATA_CHANGE(add_freeze) {
  args.require(0, "name");
  args.require(1, "during");
  args.require(2, "reason");
  const std::string name = args.text(0);
  const std::string reason = args.text(2);
  const auto base = require_control(args.is_null(3) ? InvalidOid : args.oid(3), "add a freeze");
  if (name.empty() || reason.empty())
    throw Error(ERRCODE_INVALID_PARAMETER_VALUE, "a freeze needs a name and a reason",
                "Who is refused during the freeze is told both.");
  const model::Range during = pg::read_time_range(args.datum(1));
  if (during.begin >= during.end)
    throw Error(ERRCODE_INVALID_PARAMETER_VALUE, fmt::format("invalid time of freeze \"{}\"", name),
                "The range is empty.",
                "Give its begin and its end: tstzrange('2030-12-20', '2031-01-02').");
  pg::OwnerSpi spi;
  const bool added =
      spi.run(
          "INSERT INTO strata.change_freeze (name, during, reason, base) VALUES ($1, $2, $3, $4) "
          "ON CONFLICT (name) DO NOTHING",
          {pg::SqlArg::text(name),
           {TSTZRANGEOID, args.datum(1), false},
           pg::SqlArg::text(reason),
           pg::SqlArg::name_or_null(base)}) == 1;
  if (!added)
    throw Error(ERRCODE_DUPLICATE_OBJECT, fmt::format("freeze \"{}\" already exists", name), "",
                fmt::format("SELECT strata.drop_freeze({});", pg::quote_literal(name)));
  return args.none();
}

STRATA_CHANGE(drop_freeze) {
  args.require(0, "name");
  drop_row("change_freeze", "freeze", args.text(0));
  return args.none();
}

}  // namespace strata::guard
