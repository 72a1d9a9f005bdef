// Owns: looking through updatable views (see nested.hpp). The rules are those of the server's
// rewriter (view_query_is_auto_updatable, view_has_instead_trigger).
#include "rewrite/nested.hpp"

extern "C" {
#include "access/table.h"
#include "rewrite/prs2lock.h"
#include "rewrite/rewriteHandler.h"
}

namespace strata::rewrite {
namespace raw {

static bool handles(const TriggerDesc* triggers, CmdType command) {
  if (triggers == nullptr) return false;
  switch (command) {
    case CMD_INSERT:
      return triggers->trig_insert_instead_row;
    case CMD_UPDATE:
      return triggers->trig_update_instead_row;
    case CMD_DELETE:
      return triggers->trig_delete_instead_row;
    default:
      return triggers->trig_insert_instead_row || triggers->trig_update_instead_row ||
             triggers->trig_delete_instead_row;
  }
}

static bool has_rule(const RuleLock* rules) {
  for (int i = 0; rules != nullptr && i < rules->numLocks; i++)
    if (rules->rules[i]->event != CMD_SELECT) return true;
  return false;
}

static Oid passes_writes_to(Oid view_oid, CmdType command) {
  // The lock that the rewriter would take; it stays until the transaction ends.
  Relation view = table_open(view_oid, RowExclusiveLock);
  Oid below = InvalidOid;
  if (!handles(view->trigdesc, command) && !has_rule(view->rd_rules)) {
    Query* query = get_view_query(view);
    if (view_query_is_auto_updatable(query, command != CMD_DELETE) == nullptr) {
      auto* ref = linitial_node(RangeTblRef, query->jointree->fromlist);
      RangeTblEntry* entry = rt_fetch(ref->rtindex, query->rtable);
      if (entry->relkind == RELKIND_VIEW) below = entry->relid;
    }
  }
  table_close(view, NoLock);
  return below;
}

}  // namespace raw

Oid passes_writes_to(Oid view, CmdType command) {
  return pg::call([&] { return raw::passes_writes_to(view, command); });
}

}  // namespace strata::rewrite
