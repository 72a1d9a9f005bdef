// strata.verify, strata.repair, strata.pre_restore, strata.post_restore.
#include "catalog/registry.hpp"
#include "catalog/settled.hpp"
#include "pg/function.hpp"
#include "pg/internal_ddl.hpp"
#include "pg/names.hpp"
#include "pg/session.hpp"
#include "pg/spi.hpp"
#include "provenance/call.hpp"
#include "version/health.hpp"
#include "version/rights.hpp"

extern "C" {
#include "commands/dbcommands.h"
#include "utils/guc.h"
}

namespace strata::version {
namespace {

std::vector<std::optional<std::string>> row_of(const Problem& problem) {
  std::optional<std::string> base;
  if (OidIsValid(problem.base)) base = fmt::format("{}", problem.base);
  return {base, problem.version, problem.relation, problem.problem, problem.hint};
}

// Mends one problem in a subtransaction, so that a failed attempt leaves nothing behind.
bool attempt(Problem& problem) {
  try {
    pg::Subtransaction scope;
    const bool done = mend(problem);
    if (done) scope.commit();
    return done;
  } catch (const Error& error) {
    if (error.is_cancel()) throw;
    problem.hint = fmt::format("Repair failed: {}", error.message());
    return false;
  }
}

// Returns true when something was mended.
bool repair_into(pg::ResultSet& result, Oid base) {
  bool some = false;
  for (Problem& problem : problems(base)) {
    const bool done = attempt(problem);
    auto row = row_of(problem);
    row.emplace_back(done ? "true" : "false");
    result.add(row);
    some = some || done;
  }
  return some;
}

void require_superuser() {
  if (!superuser())
    throw Error(ERRCODE_INSUFFICIENT_PRIVILEGE, "must be superuser to suspend pg_strata");
}

void set_restoring(const char* value) {
  const pg::PinnedSearchPath path;
  pg::Spi spi;
  const std::string database = pg::quote(pg::call([] { return get_database_name(MyDatabaseId); }));
  spi.run(fmt::format("ALTER DATABASE {} {}", database, value));
}

// Sets it for this session too: ALTER DATABASE only reaches those that start later.
void set_here(const char* value) {
  const pg::InternalDdl internal;  // ALTER DATABASE was decided on
  pg::call([&] { SetConfigOption("pg_strata.restoring", value, PGC_SUSET, PGC_S_SESSION); });
}

}  // namespace

STRATA_FUNCTION(verify) {
  const Oid base = args.is_null(0) ? InvalidOid : args.oid(0);
  if (OidIsValid(base)) require_tracked(base);
  pg::ResultSet result(args);
  for (const Problem& problem : problems(base))
    result.add(row_of(problem));
  return args.none();
}

STRATA_FUNCTION(repair) {
  const Oid base = args.is_null(0) ? InvalidOid : args.oid(0);
  if (OidIsValid(base)) {
    require_tracked(base);
    require_owner_of(base);
  } else if (!superuser()) {
    throw Error(ERRCODE_INSUFFICIENT_PRIVILEGE, "must be superuser to repair all schemas", "",
                "Name the schema you own: SELECT * FROM strata.repair('schema');");
  }
  provenance::Call recorded(args);
  pg::ResultSet result(args);
  if (repair_into(result, base)) recorded.record(args.none());
  return args.none();
}

STRATA_FUNCTION(pre_restore) {
  require_superuser();
  // A restore into an empty database brings its chain with it.
  std::optional<provenance::Call> recorded;
  if (catalog::registry().in_use()) recorded.emplace(args);
  set_restoring("SET pg_strata.restoring = on");
  set_here("on");
  if (recorded) recorded->record(args.none());
  return args.none();
}

STRATA_FUNCTION(post_restore) {
  require_superuser();
  {
    // To be let go needs an approval where policies ask for one; to be guarded again needs none.
    const pg::InternalDdl of_ours;
    set_restoring("RESET pg_strata.restoring");
  }
  set_here("off");
  provenance::Call recorded(args);  // until here nothing was recorded
  if (catalog::registry().came_with_dump()) catalog::settle();
  pg::ResultSet result(args);
  repair_into(result, InvalidOid);
  recorded.record(args.none());
  return args.none();
}

}  // namespace strata::version
