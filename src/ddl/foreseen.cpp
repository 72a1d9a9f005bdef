// Owns: what a text of statements would make (see foreseen.hpp).
#include "ddl/foreseen.hpp"

#include "pg/names.hpp"
#include "pg/relation.hpp"
#include "pg/spi.hpp"

extern "C" {
#include "catalog/namespace.h"
#include "nodes/makefuncs.h"
}

namespace strata::ddl {
namespace {

std::string join(const std::string& schema, const std::string& name) {
  return pg::quote(schema) + "." + pg::quote(name);
}

// Returns the schema that a name without one is created in.
std::string creation_schema() {
  const Oid schema = pg::call([]() -> Oid {
    List* path = fetch_search_path(false);
    return path == NIL ? InvalidOid : linitial_oid(path);
  });
  return OidIsValid(schema) ? pg::schema_name(schema) : std::string("public");
}

RangeVar* range_var(List* names) {
  return pg::call([&] { return makeRangeVarFromNameList(names); });
}

}  // namespace

std::string Foreseen::qualified(const RangeVar* name) {
  if (name->relpersistence == RELPERSISTENCE_TEMP) return join("pg_temp", name->relname);
  return join(name->schemaname != nullptr ? name->schemaname : creation_schema(), name->relname);
}

bool Foreseen::makes(const RangeVar* name) const {
  if (made_.count(qualified(name)) > 0) return true;
  return name->schemaname == nullptr && made_.count(join("pg_temp", name->relname)) > 0;
}

Oid Foreseen::renamed_to(const RangeVar* name) const {
  const auto at = renamed_.find(qualified(name));
  return at == renamed_.end() ? InvalidOid : at->second;
}

void Foreseen::make(const std::string& schema, const std::string& name) {
  const Oid known = pg::schema_oid(schema);
  const Oid taken = OidIsValid(known) ? pg::relation_oid(known, name) : InvalidOid;
  if (!OidIsValid(taken) || takes_away(taken)) made_.insert(join(schema, name));
}

void Foreseen::add_relation(const RangeVar* name) {
  if (name->relpersistence == RELPERSISTENCE_TEMP) {
    made_.insert(qualified(name));
    return;
  }
  make(name->schemaname != nullptr ? std::string(name->schemaname) : creation_schema(),
       name->relname);
}

void Foreseen::drop_relation(const RangeVar* name) {
  const std::string text = qualified(name);
  if (made_.erase(text) > 0) return;
  if (const auto at = renamed_.find(text); at != renamed_.end()) {
    renamed_.erase(at);
    return;
  }
  if (const Oid relation = pg::resolve(name); OidIsValid(relation)) gone_.insert(relation);
}

void Foreseen::rename_relation(const RangeVar* from, const std::string& schema,
                               const std::string& to) {
  const std::string text = qualified(from);
  if (made_.erase(text) > 0) {
    made_.insert(join(schema, to));
    return;
  }
  Oid relation = renamed_to(from);
  if (OidIsValid(relation))
    renamed_.erase(text);
  else
    relation = pg::resolve(from);
  if (!OidIsValid(relation)) return;
  gone_.insert(relation);
  renamed_[join(schema, to)] = relation;
}

Oid Foreseen::find(const RangeVar* name) const {
  if (const Oid renamed = renamed_to(name); OidIsValid(renamed)) return renamed;
  return makes(name) ? InvalidOid : pg::resolve(name);
}

bool Foreseen::renames_columns_of(Oid relation) const {
  const auto at = columns_.lower_bound({relation, std::string()});
  return at != columns_.end() && at->first.first == relation;
}

std::string Foreseen::known_column(Oid relation, const std::string& column) const {
  const auto at = columns_.find({relation, column});
  return at == columns_.end() ? column : at->second;
}

const Constraint* Foreseen::constraint(Oid relation, const std::string& name) const {
  const auto at = constraints_.find({relation, name});
  return at == constraints_.end() ? nullptr : at->second;
}

void Foreseen::rename_column(const RenameStmt* stmt) {
  const Oid relation = find(stmt->relation);
  if (!OidIsValid(relation)) return;
  const std::string known = known_column(relation, stmt->subname);
  columns_[{relation, stmt->subname}] = std::string();  // no column's name
  columns_[{relation, stmt->newname}] = known;
}

namespace {

// Returns the column of "column IS NOT NULL"; null for anything else.
const char* not_null_column(const Constraint* constraint) {
  if (constraint->contype != CONSTR_CHECK || constraint->raw_expr == nullptr) return nullptr;
  if (!IsA(constraint->raw_expr, NullTest)) return nullptr;
  auto* test = reinterpret_cast<NullTest*>(constraint->raw_expr);
  auto* argument = reinterpret_cast<Node*>(test->arg);
  if (test->nulltesttype != IS_NOT_NULL || !IsA(argument, ColumnRef)) return nullptr;
  auto* name = static_cast<Node*>(llast(reinterpret_cast<ColumnRef*>(argument)->fields));
  return IsA(name, String) ? strVal(name) : nullptr;
}

}  // namespace

void Foreseen::alter_table(AlterTableStmt* stmt) {
  const Oid relation = stmt->relation != nullptr ? find(stmt->relation) : InvalidOid;
  if (!OidIsValid(relation)) return;
  const auto prove = [&](const Constraint* constraint) {
    if (const char* column = not_null_column(constraint)) proven_.insert({relation, column});
  };
  ListCell* cell;
  foreach (cell, stmt->cmds) {
    auto* command = lfirst_node(AlterTableCmd, cell);
    if (command->subtype == AT_AddConstraint) {
      const auto* added = castNode(Constraint, command->def);
      if (added->conname != nullptr) constraints_[{relation, added->conname}] = added;
      if (!added->skip_validation && strata_compat_is_enforced(added)) prove(added);
    } else if (command->subtype == AT_ValidateConstraint) {
      if (const Constraint* added = constraint(relation, command->name)) prove(added);
    } else if (command->subtype == AT_DropColumn) {
      columns_[{relation, command->name}] = std::string();
    } else if (command->subtype == AT_AddColumn) {
      columns_.erase({relation, castNode(ColumnDef, command->def)->colname});
    }
  }
}

void Foreseen::add(Node* tree) {
  switch (nodeTag(tree)) {
    case T_AlterTableStmt:
      alter_table(castNode(AlterTableStmt, tree));
      break;
    case T_CreateSchemaStmt: {
      auto* stmt = castNode(CreateSchemaStmt, tree);
      if (stmt->schemaname != nullptr && !OidIsValid(pg::schema_oid(stmt->schemaname)))
        schemas_.insert(stmt->schemaname);
      ListCell* cell;
      foreach (cell, stmt->schemaElts)
        add_statement(static_cast<Node*>(lfirst(cell)));
      break;
    }
    case T_RenameStmt: {
      auto* stmt = castNode(RenameStmt, tree);
      if (stmt->renameType == OBJECT_COLUMN) rename_column(stmt);
      const bool relation =
          stmt->renameType == OBJECT_TABLE || stmt->renameType == OBJECT_VIEW ||
          stmt->renameType == OBJECT_MATVIEW || stmt->renameType == OBJECT_SEQUENCE ||
          stmt->renameType == OBJECT_INDEX || stmt->renameType == OBJECT_FOREIGN_TABLE;
      if (!relation || stmt->relation == nullptr) break;
      const Oid old = pg::resolve(stmt->relation);
      const std::string schema =
          stmt->relation->schemaname != nullptr
              ? std::string(stmt->relation->schemaname)
              : (OidIsValid(old) ? pg::schema_name(pg::relation_schema(old)) : creation_schema());
      rename_relation(stmt->relation, schema, stmt->newname);
      break;
    }
    case T_AlterObjectSchemaStmt: {
      auto* stmt = castNode(AlterObjectSchemaStmt, tree);
      if (stmt->relation != nullptr)
        rename_relation(stmt->relation, stmt->newschema, stmt->relation->relname);
      break;
    }
    case T_DropStmt: {
      auto* stmt = castNode(DropStmt, tree);
      const bool relation =
          stmt->removeType == OBJECT_TABLE || stmt->removeType == OBJECT_VIEW ||
          stmt->removeType == OBJECT_MATVIEW || stmt->removeType == OBJECT_SEQUENCE ||
          stmt->removeType == OBJECT_INDEX || stmt->removeType == OBJECT_FOREIGN_TABLE;
      ListCell* cell;
      foreach (cell, stmt->objects)
        if (relation) drop_relation(range_var(castNode(List, static_cast<Node*>(lfirst(cell)))));
      break;
    }
    default:
      add_statement(tree);
      break;
  }
}

void Foreseen::add_statement(Node* tree) {
  switch (nodeTag(tree)) {
    case T_CreateStmt:
      add_relation(castNode(CreateStmt, tree)->relation);
      break;
    case T_CreateForeignTableStmt:
      add_relation(castNode(CreateForeignTableStmt, tree)->base.relation);
      break;
    case T_CreateTableAsStmt:
      add_relation(castNode(CreateTableAsStmt, tree)->into->rel);
      break;
    case T_ViewStmt:
      if (!OidIsValid(pg::resolve(castNode(ViewStmt, tree)->view)))
        add_relation(castNode(ViewStmt, tree)->view);
      break;
    case T_CreateSeqStmt:
      add_relation(castNode(CreateSeqStmt, tree)->sequence);
      break;
    case T_IndexStmt: {
      auto* stmt = castNode(IndexStmt, tree);
      if (stmt->idxname == nullptr) break;
      const Oid table = pg::resolve(stmt->relation);
      const std::string schema =
          stmt->relation->schemaname != nullptr
              ? std::string(stmt->relation->schemaname)
              : (OidIsValid(table) ? pg::schema_name(pg::relation_schema(table))
                                   : creation_schema());
      make(schema, stmt->idxname);
      break;
    }
    case T_CompositeTypeStmt:
      add_relation(castNode(CompositeTypeStmt, tree)->typevar);
      break;
    default:
      break;
  }
}

}  // namespace strata::ddl
