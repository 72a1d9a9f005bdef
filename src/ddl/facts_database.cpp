// Owns: facts about what is not in one schema: databases, tablespaces, settings, extensions, event
// triggers, publications and subscriptions.
#include "ddl/facts_parts.hpp"
#include "ddl/options.hpp"
#include "model/guard_setting.hpp"
#include "pg/spi.hpp"
#include "pg/table_list.hpp"

extern "C" {
#include "catalog/pg_database.h"
#include "catalog/pg_extension.h"
#include "commands/dbcommands.h"
#include "commands/extension.h"
#include "commands/tablespace.h"
}

namespace strata::ddl {
namespace {

void drop_database(FactsBuilder& out, DropdbStmt* stmt) {
  out.about(pg::quote(stmt->dbname));
  const Oid database = pg::call([&] { return get_database_oid(stmt->dbname, true); });
  if (!OidIsValid(database)) return;
  model::DroppedObject dropped;
  dropped.classid = DatabaseRelationId;
  dropped.objid = database;
  dropped.type = "database";
  dropped.identity = pg::quote(stmt->dbname);
  dropped.holds_data = true;
  dropped.bytes = -1;
  out.facts.drops.push_back(std::move(dropped));
  out.facts.breaks_readers = out.facts.breaks_writers = true;
  out.irreversible();
}

void move_all(FactsBuilder& out, AlterTableMoveAllStmt* stmt) {
  Oid from = pg::call([&] { return get_tablespace_oid(stmt->orig_tablespacename, true); });
  if (!OidIsValid(from)) return;
  if (from == MyDatabaseTableSpace) from = InvalidOid;
  for (const Oid relation : pg::relations_in_tablespace(from)) {
    const char kind = pg::table_facts(relation).kind;
    const bool is_index = kind == RELKIND_INDEX;
    const bool is_view = kind == RELKIND_MATVIEW;
    const bool meant = stmt->objtype == OBJECT_INDEX     ? is_index
                       : stmt->objtype == OBJECT_MATVIEW ? is_view
                                                         : kind == RELKIND_RELATION;
    if (meant) out.add(relation, Lock::AccessExclusive).rewritten = true;
  }
}

void extension(FactsBuilder& out, const char* name) {
  out.about(pg::quote(name));
  if (strcmp(name, "pg_strata") == 0) out.facts.control_plane = true;
}

// Its script is read when it runs; each of its statements is met then.
void run_script(FactsBuilder& out, const char* name) {
  extension(out, name);
  out.facts.analyzable = false;
  out.partly_reversible();
}

bool tablespace_or_database(FactsBuilder& out, Node* tree) {
  switch (nodeTag(tree)) {
    case T_CreatedbStmt:
      out.about(pg::quote(castNode(CreatedbStmt, tree)->dbname));
      out.facts.creates_only = true;
      out.facts.transactional = false;
      return true;
    case T_DropdbStmt:
      out.facts.transactional = false;
      drop_database(out, castNode(DropdbStmt, tree));
      return true;
    case T_AlterDatabaseStmt: {
      auto* stmt = castNode(AlterDatabaseStmt, tree);
      out.about(pg::quote(stmt->dbname));
      out.facts.breaks_readers = out.facts.breaks_writers = true;
      if (option_named(stmt->options, "tablespace") != nullptr) out.facts.transactional = false;
      return true;
    }
    case T_AlterDatabaseRefreshCollStmt:
      out.about(pg::quote(castNode(AlterDatabaseRefreshCollStmt, tree)->dbname));
      return true;
    case T_CreateTableSpaceStmt:
      out.about(pg::quote(castNode(CreateTableSpaceStmt, tree)->tablespacename));
      out.facts.creates_only = true;
      out.facts.transactional = false;
      return true;
    case T_DropTableSpaceStmt:
      out.about(pg::quote(castNode(DropTableSpaceStmt, tree)->tablespacename));
      out.facts.transactional = false;
      return true;
    case T_AlterTableSpaceOptionsStmt:
      out.about(pg::quote(castNode(AlterTableSpaceOptionsStmt, tree)->tablespacename));
      return true;
    case T_AlterTableMoveAllStmt:
      move_all(out, castNode(AlterTableMoveAllStmt, tree));
      return true;
    default:
      return false;
  }
}

// Others may go for good or bad; RESET ALL has no name, and takes all of them.
void set(FactsBuilder& out, const VariableSetStmt* stmt) {
  out.facts.control_plane = stmt->name == nullptr || model::switches_guards(stmt->name);
}

bool setting(FactsBuilder& out, Node* tree) {
  switch (nodeTag(tree)) {
    case T_AlterSystemStmt:
      set(out, castNode(AlterSystemStmt, tree)->setstmt);
      out.facts.transactional = false;
      return true;
    case T_AlterDatabaseSetStmt:
      out.about(pg::quote(castNode(AlterDatabaseSetStmt, tree)->dbname));
      set(out, castNode(AlterDatabaseSetStmt, tree)->setstmt);
      return true;
    case T_AlterRoleSetStmt:
      set(out, castNode(AlterRoleSetStmt, tree)->setstmt);
      return true;
    case T_VariableSetStmt: {
      auto* stmt = castNode(VariableSetStmt, tree);
      if (stmt->name != nullptr) out.about(stmt->name);
      if (stmt->kind == VAR_SET_VALUE) set(out, stmt);
      return true;
    }
    case T_LoadStmt:
      out.about(castNode(LoadStmt, tree)->filename);
      out.facts.control_plane = true;
      out.facts.analyzable = false;
      return true;
    case T_CreateEventTrigStmt:
      out.about(pg::quote(castNode(CreateEventTrigStmt, tree)->trigname));
      out.facts.control_plane = true;
      return true;
    case T_AlterEventTrigStmt:
      out.about(pg::quote(castNode(AlterEventTrigStmt, tree)->trigname));
      out.facts.control_plane = true;
      return true;
    default:
      return false;
  }
}

bool extension_statement(FactsBuilder& out, Node* tree) {
  switch (nodeTag(tree)) {
    case T_CreateExtensionStmt: {
      const char* name = castNode(CreateExtensionStmt, tree)->extname;
      if (OidIsValid(pg::call([&] { return get_extension_oid(name, true); }))) {
        out.about(pg::quote(name));  // it is there, so nothing is done
        out.facts.creates_only = true;
      } else {
        run_script(out, name);
      }
      return true;
    }
    case T_AlterExtensionStmt:
      run_script(out, castNode(AlterExtensionStmt, tree)->extname);
      return true;
    case T_AlterExtensionContentsStmt:
      extension(out, castNode(AlterExtensionContentsStmt, tree)->extname);
      out.partly_reversible();
      return true;
    default:
      return false;
  }
}

}  // namespace

bool database_facts(FactsBuilder& out, Node* tree) {
  return tablespace_or_database(out, tree) || setting(out, tree) || extension_statement(out, tree);
}

}  // namespace strata::ddl
