// Owns: the relations a statement locks (see targets.hpp).
#include "ddl/targets.hpp"

#include "pg/names.hpp"
#include "pg/relation.hpp"

namespace strata::ddl {

void add_relation(Statement& out, RangeVar* name, LOCKMODE mode, bool inheritors) {
  if (name == nullptr) return;
  const Oid relation = pg::resolve(name);
  if (!OidIsValid(relation)) return;
  out.relations.push_back({relation, mode, name});
  if (!inheritors) return;
  for (const Oid child : pg::with_inheritors(relation))
    if (child != relation) out.relations.push_back({child, mode, nullptr});
}

void add_unnamed(Statement& out, Oid relation, LOCKMODE mode) {
  if (OidIsValid(relation)) out.relations.push_back({relation, mode, nullptr});
}

void add_relations(Statement& out, List* names, LOCKMODE mode, bool inheritors) {
  ListCell* cell;
  foreach (cell, names) {
    auto* name = lfirst_node(RangeVar, cell);
    add_relation(out, name, mode, inheritors && name->inh);
  }
}

// A foreign key gets triggers on the table it references, under this lock.
void add_referenced(Statement& out, const Node* constraint) {
  const auto* key = reinterpret_cast<const Constraint*>(constraint);
  if (constraint == nullptr || !IsA(constraint, Constraint) || key->contype != CONSTR_FOREIGN)
    return;
  const Oid referenced = pg::resolve(key->pktable);
  const char kind = pg::relation_kind(referenced);
  if (kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE) return;
  // Whoever may not reference it shall not make its clients wait.
  if (!pg::owns_relation(referenced) && !pg::has_privilege(referenced, ACL_REFERENCES)) return;
  add_unnamed(out, referenced, ShareRowExclusiveLock);
}

void add_referenced_by_column(Statement& out, const ColumnDef* column) {
  ListCell* cell;
  foreach (cell, column->constraints)
    add_referenced(out, static_cast<Node*>(lfirst(cell)));
}

void add_referenced_by_table(Statement& out, const CreateStmt* stmt) {
  ListCell* cell;
  foreach (cell, stmt->tableElts) {
    auto* element = static_cast<Node*>(lfirst(cell));
    if (IsA(element, ColumnDef))
      add_referenced_by_column(out, reinterpret_cast<ColumnDef*>(element));
    else
      add_referenced(out, element);
  }
}

void add_keys_of(Statement& out, Oid relation, const char* constraint) {
  for (const Oid referenced : pg::referenced_by(relation, constraint))
    add_unnamed(out, referenced, AccessExclusiveLock);
}

void add_truncated_along(Statement& out) {
  std::vector<Oid> named;
  for (const TargetRelation& target : out.relations)
    named.push_back(target.relation);
  for (const Oid relation : pg::truncated_along(named))
    if (pg::owns_relation(relation) || pg::has_privilege(relation, ACL_TRUNCATE))
      add_unnamed(out, relation, AccessExclusiveLock);
}

bool is_relation_type(ObjectType type) {
  return type == OBJECT_TABLE || type == OBJECT_VIEW || type == OBJECT_MATVIEW ||
         type == OBJECT_FOREIGN_TABLE || type == OBJECT_SEQUENCE || type == OBJECT_INDEX;
}

}  // namespace strata::ddl
