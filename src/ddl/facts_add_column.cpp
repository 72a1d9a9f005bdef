// Owns: facts about ADD COLUMN.
#include "catalog/fills.hpp"
#include "ddl/column_definition.hpp"
#include "ddl/facts_parts.hpp"

extern "C" {
#include "catalog/pg_type_d.h"
}

namespace strata::ddl {
namespace {

// A column that every INSERT must give is one that those who write now do not know. Versions do not
// show it either.
void demand_value(FactsBuilder& out, Oid table, const std::string& column) {
  out.break_writers(table);
  if (out.registry().views_of(table).empty() || catalog::is_filled(table, column)) return;
  out.facts.breaks_writers = true;
  for (const catalog::VersionView* view : out.registry().views_of(table))
    out.break_version(view->version_id);
}

}  // namespace

void add_column_facts(FactsBuilder& out, Oid table, bool inheritors, const ColumnDef* definition,
                      bool if_not_exists) {
  const ColumnDefinition column = column_definition(definition);
  if (if_not_exists && pg::column_facts(table, column.name).exists()) return;
  const bool rewrites = column.rewrites();
  for (const Oid target : tree_of(table, inheritors)) {
    // The table itself cannot have it, unless an earlier statement of the text drops it.
    if (target != table && pg::column_facts(target, column.name).exists()) continue;
    if (rewrites && pg::table_facts(target).has_storage()) out.rewrite(target);
    // CHECK is tested on every row although all have the same value; a key needs its index.
    if (!column.checks.empty() || column.unique || column.primary ||
        (column.not_null && !column.filled()))
      out.scan(target);
    if (column.not_null && !column.filled()) demand_value(out, target, column.name);
  }
  // Without a default there is nothing to look up (transformAlterTableStmt).
  for (const Constraint* key : column.keys)
    add_foreign_key(out, table, key, column.value != nullptr);
  // json has no equality, so DISTINCT and UNION over all columns fail.
  if (column.type == JSONOID) out.break_readers(table);
}

}  // namespace strata::ddl
