// Owns: reading RENAME and SET SCHEMA (see rename.hpp).
#include "ddl/rename.hpp"

#include "ddl/alter_table.hpp"
#include "ddl/targets.hpp"
#include "pg/relation.hpp"

extern "C" {
#include "catalog/dependency.h"
}

namespace strata::ddl {
namespace {

bool is_index(Oid relation) {
  const char kind = pg::relation_kind(relation);
  return kind == RELKIND_INDEX || kind == RELKIND_PARTITIONED_INDEX;
}

// RENAME ATTRIBUTE ... CASCADE renames the columns of tables that are OF the type.
void rename_in_typed_tables(Statement& out, const RenameStmt* stmt) {
  for (const pg::Object& type : out.altered_types)
    for (const pg::Dependency& dependent : pg::dependents_of(type))
      if (dependent.object.classid == RelationRelationId && dependent.object.subid == 0 &&
          dependent.type == DEPENDENCY_NORMAL)
        for (const Oid table : pg::with_inheritors(dependent.object.objid))
          out.renamed_columns.push_back({table, stmt->subname, stmt->newname});
}

}  // namespace

void rename(Statement& out, RenameStmt* stmt) {
  switch (stmt->renameType) {
    case OBJECT_SCHEMA:
      out.renamed_schema = stmt->subname;
      out.new_schema = stmt->newname;
      out.makes_name = true;
      break;
    case OBJECT_COLUMN:
      add_relation(out, stmt->relation, AccessExclusiveLock, stmt->relation->inh);
      for (const TargetRelation& target : out.relations)
        out.renamed_columns.push_back({target.relation, stmt->subname, stmt->newname});
      break;
    case OBJECT_ATTRIBUTE:
      alter_type_attributes(out, stmt->relation);
      if (stmt->behavior == DROP_CASCADE) rename_in_typed_tables(out, stmt);
      break;
    case OBJECT_INDEX:
      // ALTER INDEX renames tables and views too (RangeVarCallbackForAlterRelation in tablecmds.c).
      if (is_index(pg::resolve(stmt->relation))) break;
      [[fallthrough]];
    case OBJECT_TABLE:
    case OBJECT_VIEW:
    case OBJECT_MATVIEW:
    case OBJECT_FOREIGN_TABLE:
      add_relation(out, stmt->relation, AccessExclusiveLock);
      if (!out.relations.empty()) out.renamed_relation = out.relations.front().relation;
      out.makes_name = true;
      break;
    case OBJECT_TABCONSTRAINT:
    case OBJECT_POLICY:
    case OBJECT_RULE:
    case OBJECT_TRIGGER:
      add_relation(out, stmt->relation, AccessExclusiveLock);
      break;
    default:
      break;
  }
}

void set_schema(Statement& out, AlterObjectSchemaStmt* stmt) {
  if (!is_relation_type(stmt->objectType) || stmt->relation == nullptr) return;
  add_relation(out, stmt->relation, AccessExclusiveLock);
  if (!out.relations.empty()) out.renamed_relation = out.relations.front().relation;
  out.makes_name = true;
}

}  // namespace strata::ddl
