// Owns: facts about ALTER TABLE where a relation keeps its rows: access method, tablespace,
// persistence, options.
#include "ddl/facts_parts.hpp"

extern "C" {
#include "catalog/pg_class.h"
#include "commands/defrem.h"
#include "commands/tablespace.h"
}

namespace strata::ddl {
namespace {

void set_tablespace(FactsBuilder& out, Oid relation, const pg::TableFacts& facts,
                    const char* name) {
  Oid tablespace = pg::call([&] { return get_tablespace_oid(name, true); });
  if (tablespace == MyDatabaseTableSpace) tablespace = InvalidOid;  // as pg_class says it
  if (!facts.has_storage() || tablespace == facts.tablespace) return;
  out.add(relation, Lock::AccessExclusive).rewritten = true;  // files are copied, rows not read
}

void set_persistence(FactsBuilder& out, Oid relation, const pg::TableFacts& facts, char wanted) {
  if (!facts.has_storage() || facts.persistence == wanted) return;
  if (facts.kind == RELKIND_SEQUENCE)
    out.add(relation, Lock::AccessExclusive).rewritten = true;
  else
    out.rewrite(relation);
  // Emptied by a crash; not there on standbys and in physical backups.
  if (wanted != RELPERSISTENCE_UNLOGGED) return;
  out.facts.latent_loss = true;
  out.partly_reversible();
}

// Turning off what keeps a view's rows from those who may not see them; or having readers need
// rights of their own on what it reads.
void set_view_options(FactsBuilder& out, Oid view, List* options, bool reset) {
  ListCell* cell;
  foreach (cell, options) {
    auto* option = lfirst_node(DefElem, cell);
    if (strcmp(option->defname, "security_invoker") != 0 &&
        strcmp(option->defname, "security_barrier") != 0)
      continue;
    const bool on = !reset && pg::call([&] { return defGetBoolean(option); });
    if (!on) out.facts.exposure = true;
    if (on && strcmp(option->defname, "security_invoker") == 0) out.break_readers(view);
  }
}

}  // namespace

void storage_facts(FactsBuilder& out, Oid table, const AlterTableCmd* command) {
  const pg::TableFacts facts = pg::table_facts(table);
  switch (command->subtype) {
    case AT_SetAccessMethod: {
      const Oid method = pg::call([&]() -> Oid {
        return command->name == nullptr ? InvalidOid : get_table_am_oid(command->name, true);
      });
      if (facts.has_storage() && method != facts.access_method) out.rewrite(table);
      break;
    }
    case AT_SetTableSpace:
      set_tablespace(out, table, facts, command->name);
      break;
    case AT_SetLogged:
      set_persistence(out, table, facts, RELPERSISTENCE_PERMANENT);
      break;
    case AT_SetUnLogged:
      set_persistence(out, table, facts, RELPERSISTENCE_UNLOGGED);
      break;
    case AT_SetRelOptions:
    case AT_ResetRelOptions:
    case AT_ReplaceRelOptions:
      if (facts.kind == RELKIND_VIEW)
        set_view_options(out, table, castNode(List, command->def),
                         command->subtype == AT_ResetRelOptions);
      break;
    // Another table of another server, perhaps.
    case AT_GenericOptions:
    case AT_AlterColumnGenericOptions:
      out.break_both(table);
      break;
    case AT_ReplicaIdentity:
      // UPDATE and DELETE of a published table fail without one.
      if (castNode(ReplicaIdentityStmt, command->def)->identity_type == REPLICA_IDENTITY_NOTHING)
        out.break_writers(table);
      break;
    default:
      break;
  }
}

}  // namespace strata::ddl
