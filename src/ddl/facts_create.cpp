// Owns: facts about statements that make relations and schemas: what they lock is what they refer
// to.
#include "ddl/column_definition.hpp"
#include "ddl/facts_parts.hpp"
#include "ddl/query_sources.hpp"
#include "pg/names.hpp"
#include "pg/spi.hpp"
#include "pg/view_extends.hpp"

extern "C" {
#include "catalog/namespace.h"
}

namespace strata::ddl {
namespace {

// A new relation that is found before one of the same name is what statements mean from then on.
void shadow(FactsBuilder& out, const RangeVar* name) {
  if (name->schemaname != nullptr || name->relpersistence == RELPERSISTENCE_TEMP) return;
  const Oid shadowed = out.find(name);
  if (!OidIsValid(shadowed)) return;
  const Oid schema = pg::call([&]() -> Oid {
    List* path = fetch_search_path(false);
    return path == NIL ? InvalidOid : linitial_oid(path);
  });
  const pg::TableFacts facts = pg::table_facts(shadowed);
  if (facts.schema == schema || facts.is_temp()) return;
  out.add(shadowed, Lock::None);
  out.facts.breaks_readers = out.facts.breaks_writers = true;
}

// IF NOT EXISTS of what is there does nothing.
bool is_there(FactsBuilder& out, const RangeVar* name, bool if_not_exists) {
  if (!if_not_exists) return false;
  const Oid schema = name->schemaname != nullptr ? pg::schema_oid(name->schemaname) : InvalidOid;
  if (name->schemaname == nullptr) return OidIsValid(out.find(name));
  return OidIsValid(schema) && OidIsValid(pg::relation_oid(schema, name->relname));
}

void make(FactsBuilder& out, const RangeVar* name) {
  shadow(out, name);
  out.add_made(name);
}

void create_table(FactsBuilder& out, CreateStmt* stmt) {
  if (is_there(out, stmt->relation, stmt->if_not_exists)) return;
  make(out, stmt->relation);
  ListCell* cell;
  foreach (cell, stmt->inhRelations) {
    const Oid parent = out.find(lfirst_node(RangeVar, cell));
    if (!OidIsValid(parent)) continue;
    if (stmt->partbound != nullptr)
      partition_of_facts(out, parent, stmt->partbound->is_default);
    else
      out.add(parent, Lock::ShareUpdateExclusive);
  }
  foreach (cell, stmt->tableElts) {
    auto* element = static_cast<Node*>(lfirst(cell));
    if (IsA(element, ColumnDef)) {
      for (const Constraint* key : column_definition(castNode(ColumnDef, element)).keys)
        add_foreign_key(out, InvalidOid, key, false);
    } else if (IsA(element, Constraint)) {
      auto* constraint = castNode(Constraint, element);
      if (constraint->contype == CONSTR_FOREIGN)
        add_foreign_key(out, InvalidOid, constraint, false);
    } else if (IsA(element, TableLikeClause)) {
      const Oid model = out.find(castNode(TableLikeClause, element)->relation);
      if (OidIsValid(model)) out.add(model, Lock::AccessShare);
    }
  }
}

void create_from_query(FactsBuilder& out, CreateTableAsStmt* stmt) {
  if (is_there(out, stmt->into->rel, stmt->if_not_exists)) return;
  make(out, stmt->into->rel);
  for (const Oid source : sources_of(out, stmt->query)) {
    out.add(source, Lock::AccessShare);
    if (!stmt->into->skipData && pg::table_facts(source).has_storage()) out.scan(source);
  }
  if (IsA(stmt->query, ExecuteStmt) || calls_unknown(stmt->query)) out.facts.analyzable = false;
}

void create_view(FactsBuilder& out, ViewStmt* stmt) {
  const auto sources = sources_of(out, stmt->query);
  for (const Oid source : sources)
    out.add(source, Lock::AccessShare);
  const Oid replaced = stmt->replace ? out.find(stmt->view) : InvalidOid;
  if (!OidIsValid(replaced) || pg::table_facts(replaced).kind != RELKIND_VIEW)
    return make(out, stmt->view);
  // It may add columns and keeps what there is; what they show may be something else.
  out.add_named(stmt->view, Lock::AccessExclusive);
  out.facts.creates_only = false;
  if (!pg::view_extends(replaced, stmt, {sources.begin(), sources.end()}))
    out.break_readers(replaced);
  if (const catalog::VersionView* view = out.registry().view(replaced))
    out.break_version(view->version_id);
}

void create_schema(FactsBuilder& out, CreateSchemaStmt* stmt) {
  if (stmt->schemaname != nullptr) out.about(pg::quote(stmt->schemaname));
  ListCell* cell;
  foreach (cell, stmt->schemaElts)
    create_facts(out, static_cast<Node*>(lfirst(cell)));
}

void create_statistics(FactsBuilder& out, CreateStatsStmt* stmt) {
  ListCell* cell;
  foreach (cell, stmt->relations)
    if (auto* relation = static_cast<Node*>(lfirst(cell)); IsA(relation, RangeVar))
      out.add_named(castNode(RangeVar, relation), Lock::ShareUpdateExclusive);
}

}  // namespace

bool create_facts(FactsBuilder& out, Node* tree) {
  out.facts.creates_only = true;
  switch (nodeTag(tree)) {
    case T_CreateStmt:
      create_table(out, castNode(CreateStmt, tree));
      return true;
    case T_CreateForeignTableStmt:
      create_table(out, &castNode(CreateForeignTableStmt, tree)->base);
      return true;
    case T_CreateTableAsStmt:
      create_from_query(out, castNode(CreateTableAsStmt, tree));
      return true;
    case T_ViewStmt:
      create_view(out, castNode(ViewStmt, tree));
      return true;
    case T_CreateSeqStmt: {
      auto* stmt = castNode(CreateSeqStmt, tree);
      if (!is_there(out, stmt->sequence, stmt->if_not_exists)) make(out, stmt->sequence);
      return true;
    }
    case T_CompositeTypeStmt:
      make(out, castNode(CompositeTypeStmt, tree)->typevar);
      return true;
    case T_CreateSchemaStmt:
      create_schema(out, castNode(CreateSchemaStmt, tree));
      return true;
    case T_CreateStatsStmt:
      create_statistics(out, castNode(CreateStatsStmt, tree));
      return true;
    case T_ImportForeignSchemaStmt:
    case T_CreateFdwStmt:
    case T_CreateForeignServerStmt:
    case T_CreateUserMappingStmt:
    case T_CreateAmStmt:
    case T_CreateCastStmt:
    case T_CreateConversionStmt:
    case T_CreateDomainStmt:
    case T_CreateEnumStmt:
    case T_CreateOpClassStmt:
    case T_CreateOpFamilyStmt:
    case T_CreateRangeStmt:
    case T_CreateTransformStmt:
    case T_DefineStmt:
      return true;
    default:
      out.facts.creates_only = false;
      return false;
  }
}

}  // namespace strata::ddl
