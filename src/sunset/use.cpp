// Owns: who was warned already, and the hook (see use.hpp).
//
// A plan's range table has the views it reads, also those that the rewriter has expanded and those
// in parts that the planner left out (add_rte_to_flat_rtable in optimizer/plan/setrefs.c). Not
// relationOids: there are constants in it, which pg_dump looks views up by.
#include "sunset/use.hpp"

#include "catalog/registry.hpp"
#include "pg/clock.hpp"
#include "pg/guard.hpp"
#include "pg/internal_ddl.hpp"
#include "pg/names.hpp"
#include "pg/session.hpp"
#include "pg/spi.hpp"
#include "settings.hpp"
#include "sunset/deprecations.hpp"

extern "C" {
#include "access/parallel.h"
#include "access/xact.h"
#include "executor/executor.h"
}

namespace strata::sunset {
namespace {

ExecutorStart_hook_type next_start = nullptr;

// Never freed: a static object would have a destructor that runs at exit.
auto* const warned = new std::set<int64_t>();

std::string title(const Deprecated& version) {
  return fmt::format("version \"{}\" of schema \"{}\"", version.version, version.base);
}

std::string advice(const Deprecated& version, const char* also) {
  if (version.successor.empty()) return also;
  return fmt::format("Use version \"{}\", schema {}.{}{}", version.successor,
                     pg::quote(version.successor_schema), also[0] != '\0' ? " " : "", also);
}

std::string why(const Deprecated& version) {
  return version.reason.empty() ? std::string() : fmt::format(" Reason: {}.", version.reason);
}

void warn(const Deprecated& version) {
  if (!warned->insert(version.id).second) return;
  warning(title(version) + " is deprecated",
          (version.sunset
               ? fmt::format("It is refused from {} on.", pg::timestamp_text(*version.sunset))
               : std::string("No time is set yet from which on it is refused.")) +
              why(version),
          advice(version, ""), ERRCODE_WARNING_DEPRECATED_FEATURE);
}

[[noreturn]] void refuse(const Deprecated& version, const Answer& answer) {
  if (answer.served == Served::kBrownout)
    throw Error(sqlstate::kVersionInUse, title(version) + " is in a brownout",
                fmt::format("It is served again from {} on.{}{}", pg::timestamp_text(answer.until),
                            version.sunset ? fmt::format(" From {} on it is refused for good.",
                                                         pg::timestamp_text(*version.sunset))
                                           : std::string(),
                            why(version)),
                advice(version, ""));
  throw Error(sqlstate::kVersionInUse, title(version) + " is past its sunset",
              fmt::format("It could be used until {}.{}", pg::timestamp_text(*version.sunset),
                          why(version)),
              advice(version, fmt::format("To extend it: SELECT strata.deprecate({}, {}, sunset => "
                                          "'...');",
                                          pg::quote_literal(pg::quote(version.base)),
                                          pg::quote_literal(version.version))
                                  .c_str()));
}

// A transaction that began before may end: its time is that of its beginning.
void meet(const Deprecated& version) {
  const Answer answer = served_at(version, GetCurrentTransactionStartTimestamp());
  if (answer.served != Served::kYes && mode() == Mode::kEnforce) refuse(version, answer);
  warn(version);
}

void look(const PlannedStmt* plan) {
  if (mode() == Mode::kOff || IsBinaryUpgrade || pg::InternalDdl::active() ||
      !catalog::extension_exists() || !any_deprecated() || pg::replays_dump())
    return;
  const ListCell* cell;
  foreach (cell, plan->rtable) {
    const auto* entry = static_cast<const RangeTblEntry*>(lfirst(cell));
    if (!OidIsValid(entry->relid)) continue;
    if (const Deprecated* version = deprecated_version_of(entry->relid)) meet(*version);
  }
}

void start(QueryDesc* query, int flags) {
  if ((flags & EXEC_FLAG_EXPLAIN_ONLY) == 0 && query->plannedstmt->relationOids != NIL &&
      !IsParallelWorker())
    pg::enter([&] { look(query->plannedstmt); });
  if (next_start)
    next_start(query, flags);
  else
    standard_ExecutorStart(query, flags);
}

}  // namespace

void install_use_hook() {
  next_start = ExecutorStart_hook;
  ExecutorStart_hook = start;
}

}  // namespace strata::sunset
