// Owns: facts about CREATE INDEX and REINDEX.
#include "ddl/facts_parts.hpp"
#include "ddl/options.hpp"
#include "pg/names.hpp"
#include "pg/table_list.hpp"

extern "C" {
#include "catalog/namespace.h"
}

namespace strata::ddl {
namespace {

void create_index(FactsBuilder& out, IndexStmt* stmt) {
  const Lock lock = stmt->concurrent ? Lock::ShareUpdateExclusive : Lock::Share;
  out.facts.creates_only = true;
  if (stmt->concurrent) out.facts.transactional = false;
  const Oid table = out.add_named(stmt->relation, lock);
  if (!OidIsValid(table)) return;
  if (stmt->if_not_exists && stmt->idxname != nullptr &&
      OidIsValid(pg::relation_oid(pg::relation_schema(table), stmt->idxname)))
    return;
  const bool partitioned = pg::table_facts(table).kind == RELKIND_PARTITIONED_TABLE;
  for (const Oid target : tree_of(table, partitioned && stmt->relation->inh)) {
    out.add(target, lock);
    if (pg::table_facts(target).has_storage()) out.scan(target, lock);
  }
}

void reindex_index(FactsBuilder& out, Oid index, bool concurrently) {
  const Oid table = pg::index_facts(index).table;
  if (!OidIsValid(table)) return;
  const Lock on_table = concurrently ? Lock::ShareUpdateExclusive : Lock::Share;
  const Lock on_index = concurrently ? Lock::ShareUpdateExclusive : Lock::AccessExclusive;
  for (const Oid target : tree_of(index, true)) {
    const pg::IndexFacts facts = pg::index_facts(target);
    model::RelationFacts& added = out.add(target, on_index);
    if (pg::table_facts(target).has_storage()) added.rewritten = true;
    if (pg::table_facts(facts.table).has_storage())
      out.scan(facts.table, on_table);
    else
      out.add(facts.table, on_table);
  }
}

void reindex_table(FactsBuilder& out, Oid table, bool concurrently) {
  out.add(table, concurrently ? Lock::ShareUpdateExclusive : Lock::Share);
  for (const Oid target : tree_of(table, true))
    for (const pg::IndexFacts& index : pg::indexes_of(target))
      if (pg::table_facts(index.index).kind == RELKIND_INDEX)
        reindex_index(out, index.index, concurrently);
}

void reindex(FactsBuilder& out, ReindexStmt* stmt) {
  const bool concurrently = option_is_on(stmt->params, "concurrently");
  const Lock on_table = concurrently ? Lock::ShareUpdateExclusive : Lock::Share;
  if (concurrently) out.facts.transactional = false;
  if (stmt->kind == REINDEX_OBJECT_INDEX || stmt->kind == REINDEX_OBJECT_TABLE) {
    const bool is_index = stmt->kind == REINDEX_OBJECT_INDEX;
    const Oid relation = out.find(stmt->relation);
    if (!OidIsValid(relation)) return void(out.add_named(stmt->relation, on_table));
    out.about(pg::relation_display(relation));
    const char kind = pg::table_facts(relation).kind;
    if (kind == RELKIND_PARTITIONED_TABLE || kind == RELKIND_PARTITIONED_INDEX)
      out.facts.transactional = false;
    if (is_index)
      reindex_index(out, relation, concurrently);
    else
      reindex_table(out, relation, concurrently);
    return;
  }
  out.facts.transactional = false;
  const bool schema_only = stmt->kind == REINDEX_OBJECT_SCHEMA;
  const Oid schema = schema_only && stmt->name != nullptr ? pg::schema_oid(stmt->name) : InvalidOid;
  if (stmt->name != nullptr) out.about(stmt->name);
  if (schema_only && !OidIsValid(schema)) return;
  for (const Oid table : pg::tables_of_users(schema))
    reindex_table(out, table, concurrently);
}

}  // namespace

bool index_facts_of(FactsBuilder& out, Node* tree) {
  switch (nodeTag(tree)) {
    case T_IndexStmt:
      create_index(out, castNode(IndexStmt, tree));
      return true;
    case T_ReindexStmt:
      reindex(out, castNode(ReindexStmt, tree));
      return true;
    default:
      return false;
  }
}

}  // namespace strata::ddl
