// Owns: collecting what a target list gives to a view's columns (see given.hpp).
#include "rewrite/given.hpp"

extern "C" {
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_coerce.h"
}

namespace strata::rewrite::raw {

// Returns the place in an assignment to a field or an element where the column's other parts come
// from: the innermost input of nested FieldStore and SubscriptingRef nodes, which
// transformAssignmentIndirection makes; null when the expression is no such assignment.
static Node** source_of_parts(Node** expression) {
  Node** place = nullptr;
  for (;;) {
    Node* node = *expression;
    if (node == nullptr) return place;
    if (IsA(node, CoerceToDomain)) {
      auto** below = reinterpret_cast<Node**>(&reinterpret_cast<CoerceToDomain*>(node)->arg);
      if (*below == nullptr || !(IsA(*below, FieldStore) || IsA(*below, SubscriptingRef)))
        return place;
      expression = below;
    } else if (IsA(node, FieldStore)) {
      place = expression = reinterpret_cast<Node**>(&reinterpret_cast<FieldStore*>(node)->arg);
    } else if (IsA(node, SubscriptingRef) &&
               reinterpret_cast<SubscriptingRef*>(node)->refassgnexpr != nullptr) {
      place = expression =
          reinterpret_cast<Node**>(&reinterpret_cast<SubscriptingRef*>(node)->refexpr);
    } else {
      return place;
    }
  }
}

// Several assignments to parts of one column are applied one after the other.
static Node* both(Node* first, Node* second) {
  Node** parts = source_of_parts(&second);
  if (parts != nullptr) *parts = first;
  return second;
}

Node* no_value(Relation view, AttrNumber column) {
  Form_pg_attribute att = TupleDescAttr(RelationGetDescr(view), column - 1);
  auto* null = reinterpret_cast<Node*>(
      makeConst(att->atttypid, -1, att->attcollation, att->attlen, Datum{0}, true, att->attbyval));
  return coerce_to_domain(null, InvalidOid, -1, att->atttypid, COERCION_IMPLICIT,
                          COERCE_IMPLICIT_CAST, -1, false);
}

// Returns true when the base itself makes the values of the column, by identity or generation: no
// view has a default for that.
static bool is_made_by_base(const Assigning* at, AttrNumber column) {
  for (int i = 0; i < at->mapping->write_count; i++) {
    const BaseWrite* write = &at->mapping->writes[i];
    if (!bms_is_member(column, write->inputs)) continue;
    Form_pg_attribute att = TupleDescAttr(RelationGetDescr(at->base), write->attnum - 1);
    if (att->attidentity != '\0' || att->attgenerated != '\0') return true;
  }
  return false;
}

Given* given_values(const Assigning* at, List* targets, List** rest) {
  const WriteMapping* mapping = at->mapping;
  auto* given =
      static_cast<Given*>(palloc0(sizeof(Given) * static_cast<size_t>(Max(mapping->columns, 1))));
  ListCell* cell;
  foreach (cell, targets) {
    auto* entry = lfirst_node(TargetEntry, cell);
    if (entry->resjunk) {
      *rest = lappend(*rest, entry);
      continue;
    }
    if (entry->resno < 1 || entry->resno > mapping->columns)
      ereport(ERROR, (errcode(sqlstate::kMappingUnresolved),
                      errmsg("column %d of view \"%s\" is unknown", entry->resno,
                             RelationGetRelationName(at->view))));
    Given* column = &given[entry->resno - 1];
    column->entries = lappend(column->entries, entry);
    auto* value = static_cast<Node*>(copyObjectImpl(entry->expr));
    if (value == nullptr || IsA(value, SetToDefault))
      column->fallback = true;
    else
      column->value = column->value != nullptr ? both(column->value, value) : value;
  }
  for (int i = 0; i < mapping->columns; i++) {
    if (given[i].value != nullptr || (!given[i].fallback && !at->insert)) continue;
    const auto column = static_cast<AttrNumber>(i + 1);
    if (mapping->defaults[i] != nullptr)
      given[i].value = static_cast<Node*>(copyObjectImpl(mapping->defaults[i]));
    else if (!at->insert && !is_made_by_base(at, column))
      // As for any column without a default (rewriteTargetListIU).
      given[i].value = no_value(at->view, column);
    else
      continue;
    given[i].fallback = false;
  }
  return given;
}

}  // namespace strata::rewrite::raw
