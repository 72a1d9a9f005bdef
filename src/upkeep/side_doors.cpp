// Owns: the look at settings and at writes to system catalogs (see side_doors.hpp). Scope: backend.
#include "upkeep/side_doors.hpp"

#include "catalog/registry.hpp"
#include "guard/admit.hpp"
#include "guard/attempts.hpp"
#include "pg/names.hpp"
#include "pg/relation.hpp"
#include "upkeep/hooks.hpp"

extern "C" {
#include "catalog/catalog.h"
#include "commands/extension.h"
#include "executor/executor.h"
#include "parser/parsetree.h"
}

namespace strata::upkeep {
namespace {

ExecutorStart_hook_type next_start = nullptr;

bool watched() {
  return !closed() && guards() && catalog::registry().in_use();
}

void check(const char* command, const std::string& object) {
  guard::noting(guard::attempt_of_client(), [&] { guard::check_control_plane(command, object); });
}

// Returns the system catalog that the plan writes; InvalidOid for nearly all plans.
Oid written_catalog(const PlannedStmt* plan) {
  ListCell* cell;
  foreach (cell, plan->resultRelations) {
    const Oid relation = rt_fetch(lfirst_int(cell), plan->rtable)->relid;
    if (IsCatalogRelationOid(relation)) return relation;
  }
  return InvalidOid;
}

const char* command_of(const PlannedStmt* plan) {
  switch (plan->commandType) {
    case CMD_INSERT:
      return "INSERT";
    case CMD_UPDATE:
      return "UPDATE";
    case CMD_DELETE:
      return "DELETE";
    case CMD_MERGE:
      return "MERGE";
    default:
      return "WITH";
  }
}

// Scripts of extensions write catalogs; CREATE EXTENSION was judged as one statement.
void start(QueryDesc* query, int flags) {
  const Oid relation = written_catalog(query->plannedstmt);
  if (OidIsValid(relation) && (flags & EXEC_FLAG_EXPLAIN_ONLY) == 0 && !creating_extension)
    pg::enter([&] {
      if (watched()) check(command_of(query->plannedstmt), pg::relation_display(relation));
    });
  if (next_start)
    next_start(query, flags);
  else
    standard_ExecutorStart(query, flags);
}

}  // namespace

void before_setting(const char* name) {
  pg::enter([&] {
    if (watched()) check("SET", name);
  });
}

void before_copy(const CopyStmt* copy) {
  if (!copy->is_from || copy->relation == nullptr || !watched()) return;
  const Oid relation = pg::resolve(copy->relation);
  if (OidIsValid(relation) && IsCatalogRelationOid(relation))
    check("COPY", pg::relation_display(relation));
}

void install_side_doors() {
  next_start = ExecutorStart_hook;
  ExecutorStart_hook = start;
}

}  // namespace strata::upkeep
