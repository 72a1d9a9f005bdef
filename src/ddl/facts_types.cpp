// Owns: facts about types: enums, composite types, domains. What they do to tables reaches all that
// use the type.
#include "ddl/closure.hpp"
#include "ddl/facts_parts.hpp"
#include "pg/names.hpp"

extern "C" {
#include "catalog/objectaddress.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_type.h"
#include "commands/tablecmds.h"
#include "nodes/makefuncs.h"
#include "parser/parse_type.h"
#include "utils/lsyscache.h"
}

namespace strata::ddl {
namespace {

Oid type_named(List* names) {
  return pg::call(
      [&] { return LookupTypeNameOid(nullptr, makeTypeNameFromNameList(names), true); });
}

void about_type(FactsBuilder& out, Oid type) {
  if (!OidIsValid(type)) return;
  out.about(pg::type_display(type, -1));
  const ObjectAddress address{TypeRelationId, type, 0};
  out.in_schema(pg::call([&] { return get_object_namespace(&address); }));
}

void break_versions_of(FactsBuilder& out, Oid type) {
  for (const Hit& hit : drop_hits(out.registry(), {{TypeRelationId, type, 0}}, true))
    if (const catalog::VersionView* view = out.registry().view(hit.view))
      out.break_version(view->version_id);
}

// Nothing takes a label away again, and nobody who does not know it meets it before it is used.
void alter_enum(FactsBuilder& out, AlterEnumStmt* stmt) {
  const Oid type = type_named(stmt->typeName);
  about_type(out, type);
  if (stmt->oldVal == nullptr) {
    out.facts.creates_only = true;
    out.irreversible();
    return;
  }
  out.facts.breaks_readers = out.facts.breaks_writers = true;
  if (OidIsValid(type)) break_versions_of(out, type);
}

// Returns the tables with columns of the domain or of a type that stands on it, as
// get_rels_with_domain does.
void add_users(std::set<Oid>& tables, Oid type) {
  for (const pg::Dependency& user : pg::dependents_of({TypeRelationId, type, 0})) {
    if (user.object.classid == TypeRelationId) {
      if (user.object.objid != type &&
          pg::call([&] { return get_typtype(user.object.objid); }) == TYPTYPE_DOMAIN)
        add_users(tables, user.object.objid);
    } else if (user.object.classid == RelationRelationId && user.object.subid != 0) {
      const pg::TableFacts facts = pg::table_facts(user.object.objid);
      if (facts.kind == RELKIND_COMPOSITE_TYPE) add_users(tables, facts.row_type);
      if (facts.kind == RELKIND_RELATION || facts.kind == RELKIND_MATVIEW)
        tables.insert(user.object.objid);
    }
  }
}

void check_users(FactsBuilder& out, Oid type) {
  std::set<Oid> tables;
  if (OidIsValid(type)) add_users(tables, type);
  for (const Oid table : tables)
    out.scan(table, Lock::Share);
}

void alter_domain(FactsBuilder& out, AlterDomainStmt* stmt) {
  const Oid type = type_named(stmt->typeName);
  about_type(out, type);
  switch (stmt->subtype) {
    case 'O':  // SET NOT NULL
      check_users(out, type);
      out.facts.breaks_writers = true;
      break;
    case 'C':  // ADD CONSTRAINT
      if (!castNode(Constraint, stmt->def)->skip_validation) check_users(out, type);
      break;
    case 'V':  // VALIDATE CONSTRAINT
      check_users(out, type);
      break;
    case 'X':  // DROP CONSTRAINT
      out.facts.integrity_loss = true;
      out.partly_reversible();
      if (OidIsValid(type))
        if (const Oid constraint =
                pg::call([&] { return get_domain_constraint_oid(type, stmt->name, true); });
            OidIsValid(constraint))
          add_removed(out, {ConstraintRelationId, constraint, 0});
      break;
    case 'N':  // DROP NOT NULL
      out.facts.breaks_readers = true;
      break;
    default:
      break;
  }
}

// Returns the tables made OF the type.
std::vector<Oid> tables_of(Oid type) {
  std::vector<Oid> out;
  for (const pg::Dependency& user : pg::dependents_of({TypeRelationId, type, 0}))
    if (user.object.classid == RelationRelationId && user.object.subid == 0 &&
        pg::table_facts(user.object.objid).of_type == type)
      out.push_back(user.object.objid);
  return out;
}

}  // namespace

void composite_type_facts(FactsBuilder& out, AlterTableStmt* stmt) {
  const Lock mode = lock_of(pg::call([&] { return AlterTableGetLockLevel(stmt->cmds); }));
  const Oid relation = out.add_named(stmt->relation, mode);
  if (!OidIsValid(relation)) return;
  const Oid type = pg::table_facts(relation).row_type;
  const std::vector<Oid> tables = tables_of(type);
  out.facts.breaks_writers = true;
  ListCell* cell;
  foreach (cell, stmt->cmds) {
    auto* command = lfirst_node(AlterTableCmd, cell);
    std::vector<pg::Object> roots;
    if (command->subtype != AT_AddColumn) out.facts.breaks_readers = true;
    if (command->subtype == AT_DropColumn) {
      const pg::ColumnFacts own = pg::column_facts(relation, command->name);
      if (own.exists()) roots.push_back({RelationRelationId, relation, own.attnum});
    }
    for (const Oid table : tables) {
      out.add(table, mode);
      if (command->subtype == AT_AddColumn)
        add_column_facts(out, table, false, castNode(ColumnDef, command->def), false);
      if (command->subtype == AT_AlterColumnType) retype_facts(out, table, false, command);
      if (command->subtype != AT_DropColumn) continue;
      const pg::ColumnFacts column = pg::column_facts(table, command->name);
      if (column.exists()) roots.push_back({RelationRelationId, table, column.attnum});
    }
    if (!roots.empty()) add_drops(out, roots, true);
  }
  // The statement names the type; tables made of it are taken along.
  for (model::DroppedObject& dropped : out.facts.drops)
    if (dropped.objid != relation) dropped.by_cascade = true;
  break_versions_of(out, type);
}

bool type_facts_of(FactsBuilder& out, Node* tree) {
  switch (nodeTag(tree)) {
    case T_AlterEnumStmt:
      alter_enum(out, castNode(AlterEnumStmt, tree));
      return true;
    case T_AlterDomainStmt:
      alter_domain(out, castNode(AlterDomainStmt, tree));
      return true;
    case T_AlterTypeStmt:
      about_type(out, type_named(castNode(AlterTypeStmt, tree)->typeName));
      return true;
    default:
      return false;
  }
}

}  // namespace strata::ddl
