// Owns: facts about adding, validating, altering and dropping constraints.
//
// A constraint that refuses rows which its owner calls wrong is not said to break writers; one that
// refuses writes for what they leave out (NOT NULL) is.
#include "ddl/facts_parts.hpp"
#include "pg/relation.hpp"

extern "C" {
#include "catalog/pg_constraint.h"
}

namespace strata::ddl {
namespace {

void check_rows(FactsBuilder& out, Oid table, bool inheritors) {
  for (const Oid target : tree_of(table, inheritors))
    if (pg::table_facts(target).has_storage()) out.scan(target);
}

void demand_not_null(FactsBuilder& out, Oid table, const std::string& name, bool checks_rows) {
  const pg::ColumnFacts column = pg::column_facts(table, name);
  if (!column.exists() || column.not_null) return;
  if (checks_rows && !pg::proves_not_null(table, column.attnum)) out.scan(table);
  out.break_writers(table);
}

// UNIQUE, PRIMARY KEY and EXCLUDE: an index is built, unless one is given.
void add_index_constraint(FactsBuilder& out, Oid table, Constraint* constraint) {
  const bool primary = constraint->contype == CONSTR_PRIMARY;
  if (constraint->indexname != nullptr) {
    const Oid index = pg::call(
        [&] { return get_relname_relid(constraint->indexname, get_rel_namespace(table)); });
    if (!OidIsValid(index)) return;
    out.add(index, Lock::AccessExclusive);
    if (!primary) return;
    const auto columns = pg::columns_of(table);
    const pg::IndexFacts facts = pg::index_facts(index);
    for (const pg::ColumnFacts& column : columns)
      if (facts.on(column.attnum)) demand_not_null(out, table, column.name, true);
    return;
  }
  const bool partitioned = pg::table_facts(table).kind == RELKIND_PARTITIONED_TABLE;
  for (const Oid target : tree_of(table, partitioned)) {
    const bool itself = target == table;
    if (!itself) out.add(target, lock_of(STRATA_LOCK_OF_CONSTRAINED_PARTITION));
    if (pg::table_facts(target).has_storage()) out.scan(target);
    ListCell* cell;
    if (primary) {
      foreach (cell, constraint->keys)
        demand_not_null(out, target, strVal(lfirst(cell)), true);
    }
  }
}

std::vector<pg::ConstraintFacts> named(const std::vector<Oid>& tables, const char* name) {
  std::vector<pg::ConstraintFacts> out;
  for (const Oid table : tables)
    for (pg::ConstraintFacts& constraint : pg::constraints_of(table))
      if (constraint.name == name) out.push_back(std::move(constraint));
  return out;
}

void validate(FactsBuilder& out, Oid table, bool inheritors, const char* name) {
  if (out.foreseen() != nullptr)
    if (const Constraint* added = out.foreseen()->constraint(table, name)) {
      check_rows(out, table, inheritors);
      const Oid referenced =
          added->contype == CONSTR_FOREIGN ? out.find(added->pktable) : InvalidOid;
      if (OidIsValid(referenced)) out.scan(referenced, Lock::RowShare);
      return;
    }
  for (const pg::ConstraintFacts& constraint : named(tree_of(table, inheritors), name)) {
    if (constraint.validated) continue;
    out.scan(constraint.table);
    if (constraint.type == CONSTRAINT_FOREIGN) out.scan(constraint.referenced, Lock::RowShare);
  }
}

bool has_rows_of_others(FactsBuilder& out, Oid table) {
  if (!OidIsValid(table)) return false;
  const model::RelationFacts& facts = out.add(table, Lock::ShareRowExclusive);
  return !facts.is_new && !facts.is_temp && !facts.is_empty;
}

}  // namespace

void add_foreign_key(FactsBuilder& out, Oid table, const Constraint* key, bool checks_rows) {
  const Oid referenced = out.find(key->pktable);
  // Rows that come later are put under the key by whoever inserts them.
  if (key->fk_del_action == FKCONSTR_ACTION_CASCADE && has_rows_of_others(out, table))
    out.facts.latent_loss = true;
  if (!OidIsValid(referenced)) return;  // made by an earlier statement: no rows, no waiting
  const Lock lock = Lock::ShareRowExclusive;
  for (const Oid target :
       tree_of(referenced, pg::table_facts(referenced).kind == RELKIND_PARTITIONED_TABLE))
    out.add(target, lock);
  if (!checks_rows) return;
  for (const Oid target : tree_of(table, pg::table_facts(table).kind == RELKIND_PARTITIONED_TABLE))
    if (pg::table_facts(target).has_storage()) out.scan(target, lock);
  for (const Oid target : tree_of(referenced, true))
    if (pg::table_facts(target).has_storage() && out.has(target)) out.scan(target, lock);
}

void add_constraint_facts(FactsBuilder& out, Oid table, bool inheritors, Constraint* constraint) {
  // Only CHECK and foreign keys can be NOT ENFORCED.
  const bool checks_rows = !constraint->skip_validation && (constraint->contype == CONSTR_NOTNULL ||
                                                            strata_compat_is_enforced(constraint));
  switch (constraint->contype) {
    case CONSTR_CHECK:
      if (checks_rows) check_rows(out, table, inheritors && !constraint->is_no_inherit);
      break;
    case CONSTR_NOTNULL:
      for (const Oid target : tree_of(table, inheritors)) {
        ListCell* cell;
        foreach (cell, constraint->keys)
          demand_not_null(out, target, strVal(lfirst(cell)), checks_rows);
      }
      break;
    case CONSTR_FOREIGN:
      add_foreign_key(out, table, constraint, checks_rows);
      break;
    case CONSTR_PRIMARY:
    case CONSTR_UNIQUE:
    case CONSTR_EXCLUSION:
      add_index_constraint(out, table, constraint);
      break;
    default:
      break;
  }
}

void constraint_command_facts(FactsBuilder& out, Oid table, bool inheritors,
                              const AlterTableCmd* command) {
  switch (command->subtype) {
    case AT_ValidateConstraint:
      return validate(out, table, inheritors, command->name);
    case AT_AlterConstraint:
      for (const auto& constraint : named({table}, strata_compat_altered_constraint(command))) {
        if (constraint.type != CONSTRAINT_FOREIGN) continue;
        if (!strata_compat_stops_enforcing(command)) continue;
        out.facts.integrity_loss = true;
        out.partly_reversible();
        out.add(constraint.referenced, Lock::AccessExclusive);
      }
      return;
    default: {
      std::vector<pg::Object> roots;
      for (const auto& constraint : named(tree_of(table, inheritors), command->name))
        roots.push_back({ConstraintRelationId, constraint.oid, 0});
      add_drops(out, roots, command->behavior == DROP_CASCADE);
    }
  }
}

}  // namespace strata::ddl
