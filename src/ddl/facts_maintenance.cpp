// Owns: facts about commands on the rows of tables as a whole: TRUNCATE, LOCK, VACUUM, CLUSTER,
// REFRESH, COPY; and about sequences.
#include "ddl/facts_parts.hpp"
#include "ddl/options.hpp"
#include "pg/table_list.hpp"

extern "C" {
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "parser/parse_type.h"
}

namespace strata::ddl {
namespace {

void reset_sequences(FactsBuilder& out, Oid table) {
  for (const pg::Dependency& part : pg::dependents_of({RelationRelationId, table, 0}))
    if (part.object.classid == RelationRelationId &&
        (part.type == DEPENDENCY_AUTO || part.type == DEPENDENCY_INTERNAL) &&
        pg::table_facts(part.object.objid).kind == RELKIND_SEQUENCE)
      out.add(part.object.objid, Lock::AccessExclusive).rewritten = true;
}

void truncate(FactsBuilder& out, TruncateStmt* stmt) {
  std::vector<Oid> tables;
  ListCell* cell;
  foreach (cell, stmt->relations) {
    auto* name = lfirst_node(RangeVar, cell);
    const Oid named = out.add_named(name, Lock::AccessExclusive);
    if (!OidIsValid(named)) continue;
    for (const Oid target : tree_of(named, name->inh)) {
      out.add(target, Lock::AccessExclusive).named = true;  // what inherits is meant too
      tables.push_back(target);
    }
  }
  if (stmt->behavior == DROP_CASCADE)
    for (size_t next = 0; next < tables.size(); next++)
      for (const pg::ConstraintFacts& key : pg::keys_to(tables[next]))
        if (!out.has(key.table)) {
          out.add(key.table, Lock::AccessExclusive);
          tables.push_back(key.table);
        }
  for (const Oid table : tables) {
    const pg::TableFacts facts = pg::table_facts(table);
    if (!facts.has_storage() || pg::disk_bytes(table) != 0) out.break_both(table);
    if (facts.kind == RELKIND_FOREIGN_TABLE) {
      out.add(table, Lock::AccessExclusive).emptied = true;
      out.irreversible();
    }
    if (!facts.has_storage()) continue;
    model::RelationFacts& emptied = out.add(table, Lock::AccessExclusive);
    emptied.emptied = emptied.rewritten = true;
    if (emptied.bytes != 0) out.irreversible();
    for (const pg::IndexFacts& index : pg::indexes_of(table)) {
      model::RelationFacts& added = out.add(index.index, Lock::AccessExclusive);
      added.rewritten = added.emptied = added.named = true;
    }
    if (stmt->restart_seqs) reset_sequences(out, table);
  }
}

void lock_table(FactsBuilder& out, LockStmt* stmt) {
  const Lock mode = lock_of(stmt->mode);
  out.facts.holds_lock = true;
  ListCell* cell;
  foreach (cell, stmt->relations) {
    auto* name = lfirst_node(RangeVar, cell);
    const Oid named = out.add_named(name, mode);
    if (!OidIsValid(named)) continue;
    for (const Oid target : tree_of(named, name->inh))
      out.add(target, mode);
  }
}

void vacuum(FactsBuilder& out, VacuumStmt* stmt) {
  const bool full = stmt->is_vacuumcmd && option_is_on(stmt->options, "full");
  const Lock mode = full ? Lock::AccessExclusive : Lock::ShareUpdateExclusive;
  if (stmt->is_vacuumcmd) out.facts.transactional = false;
  std::vector<Oid> tables;
  ListCell* cell;
  foreach (cell, stmt->rels) {
    auto* named = lfirst_node(VacuumRelation, cell);
    const Oid table = out.add_named(named->relation, mode);
    if (!OidIsValid(table)) continue;
    const auto tree = tree_of(table, pg::table_facts(table).kind == RELKIND_PARTITIONED_TABLE);
    tables.insert(tables.end(), tree.begin(), tree.end());
  }
  if (stmt->rels == NIL) tables = pg::tables_of_users(InvalidOid);
  if (stmt->rels == NIL && !stmt->is_vacuumcmd) out.facts.transactional = true;
  for (const Oid table : tables) {
    out.add(table, mode);
    if (!pg::table_facts(table).has_storage()) continue;
    if (full)
      out.rewrite(table);
    else if (stmt->is_vacuumcmd)  // ANALYZE reads a sample
      out.scan(table);
  }
}

void cluster(FactsBuilder& out, ClusterStmt* stmt) {
  if (stmt->relation == nullptr) {
    out.facts.transactional = false;
    for (const Oid table : pg::clustered_tables())
      out.rewrite(table);
    return;
  }
  const Oid table = out.add_named(stmt->relation, Lock::AccessExclusive);
  if (!OidIsValid(table)) return;
  const bool partitioned = pg::table_facts(table).kind == RELKIND_PARTITIONED_TABLE;
  if (partitioned) out.facts.transactional = false;
  for (const Oid target : tree_of(table, partitioned))
    if (pg::table_facts(target).has_storage()) out.rewrite(target);
}

void refresh(FactsBuilder& out, RefreshMatViewStmt* stmt) {
  const Oid view =
      out.add_named(stmt->relation, stmt->concurrent ? Lock::Exclusive : Lock::AccessExclusive);
  if (!OidIsValid(view)) return;
  if (!stmt->concurrent) {
    out.rewrite(view);
    out.add(view, Lock::AccessExclusive).scanned = false;
  }
  if (stmt->skipData) {
    out.facts.breaks_readers = true;  // until it is populated again
    out.partly_reversible();
    return;
  }
  // What its query reads, which runs as long as all of that takes.
  for (const pg::Dependency& rule : pg::dependents_of({RelationRelationId, view, 0}))
    for (const pg::Dependency& source : pg::dependencies_of(rule.object))
      if (source.object.classid == RelationRelationId && source.object.objid != view &&
          rule.type == DEPENDENCY_INTERNAL && pg::table_facts(source.object.objid).has_storage())
        out.scan(source.object.objid, Lock::AccessShare);
}

void copy(FactsBuilder& out, CopyStmt* stmt) {
  if (stmt->is_program) out.facts.analyzable = false;
  if (stmt->relation == nullptr) return;
  out.add_named(stmt->relation, stmt->is_from ? Lock::RowExclusive : Lock::AccessShare);
}

// Returns true when the sequence may give numbers it gave before, or none.
bool changes_numbers(const DefElem* option) {
  if (strcmp(option->defname, "as") == 0)
    return pg::call([&] {
             return LookupTypeNameOid(nullptr, castNode(TypeName, option->arg), true);
           }) != INT8OID;
  for (const char* name : {"restart", "minvalue", "maxvalue", "cycle"})
    if (strcmp(option->defname, name) == 0) return true;
  return false;
}

void alter_sequence(FactsBuilder& out, AlterSeqStmt* stmt) {
  const Oid sequence = out.add_named(stmt->sequence, Lock::ShareRowExclusive);
  if (!OidIsValid(sequence)) return;
  ListCell* cell;
  foreach (cell, stmt->options) {
    auto* option = lfirst_node(DefElem, cell);
    if (strcmp(option->defname, "owned_by") == 0) {
      // To be dropped with a column means to be dropped by who does not think of it.
      auto* owner = castNode(List, option->arg);
      if (list_length(owner) > 1) out.facts.latent_loss = true;
      continue;
    }
    out.add(sequence, Lock::ShareRowExclusive).rewritten = true;
    if (changes_numbers(option)) out.facts.breaks_writers = true;
    out.partly_reversible();
  }
}

}  // namespace

bool maintenance_facts(FactsBuilder& out, Node* tree) {
  switch (nodeTag(tree)) {
    case T_TruncateStmt:
      truncate(out, castNode(TruncateStmt, tree));
      return true;
    case T_LockStmt:
      lock_table(out, castNode(LockStmt, tree));
      return true;
    case T_VacuumStmt:
      vacuum(out, castNode(VacuumStmt, tree));
      return true;
    case T_ClusterStmt:
      cluster(out, castNode(ClusterStmt, tree));
      return true;
    case T_RefreshMatViewStmt:
      refresh(out, castNode(RefreshMatViewStmt, tree));
      return true;
    case T_CopyStmt:
      copy(out, castNode(CopyStmt, tree));
      return true;
    case T_AlterSeqStmt:
      alter_sequence(out, castNode(AlterSeqStmt, tree));
      return true;
    default:
      return false;
  }
}

}  // namespace strata::ddl
