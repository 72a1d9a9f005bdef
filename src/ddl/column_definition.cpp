// Owns: reading ColumnDef (see column_definition.hpp).
#include "ddl/column_definition.hpp"

#include "ddl/shape_after.hpp"

#include "pg/relation.hpp"
#include "pg/tree_walk.hpp"

extern "C" {
#include "access/transam.h"
#include "catalog/namespace.h"
#include "catalog/pg_attribute.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_type.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"
}

namespace strata::ddl {
namespace {

struct VolatileSearch {
  bool found;
  bool of_users_only;
  Oid own_schema;
};

bool counts(const VolatileSearch* search, Oid function) {
  if (func_volatile(function) != PROVOLATILE_VOLATILE) return false;
  if (!search->of_users_only) return true;
  return function >= FirstNormalObjectId && get_func_namespace(function) != search->own_schema;
}

bool has_volatile_call(Node* node, VolatileSearch* search) {
  if (node == nullptr || search->found) return search->found;
  if (IsA(node, FuncCall)) {
    auto* function = reinterpret_cast<FuncCall*>(node);
    const int count = list_length(function->args);
    for (FuncCandidateList at =
             FuncnameGetCandidates(function->funcname, count, NIL, true, true, false, true);
         at != nullptr; at = at->next)
      if (OidIsValid(at->oid) && counts(search, at->oid)) search->found = true;
  }
  return raw_expression_tree_walker(node, pg::raw::as_walker(has_volatile_call), search);
}

void add_constraint(ColumnDefinition& column, Constraint* constraint) {
  switch (constraint->contype) {
    case CONSTR_DEFAULT:
      if (!is_null_constant(constraint->raw_expr)) column.value = constraint->raw_expr;
      break;
    case CONSTR_NOTNULL:
      column.not_null = true;
      break;
    case CONSTR_PRIMARY:
      column.primary = column.not_null = true;
      break;
    case CONSTR_UNIQUE:
      column.unique = true;
      break;
    case CONSTR_IDENTITY:
      column.identity = column.not_null = true;
      break;
    case CONSTR_GENERATED:
      (strata_compat_is_virtual(constraint) ? column.computed : column.stored) = true;
      break;
    case CONSTR_CHECK:
      column.checks.push_back(constraint);
      break;
    case CONSTR_FOREIGN:
      column.keys.push_back(constraint);
      break;
    default:
      break;
  }
}

}  // namespace

bool is_serial(const TypeName* type) {
  if (list_length(type->names) != 1) return false;
  const char* name = strVal(linitial(type->names));
  for (const char* serial : {"serial", "bigserial", "smallserial", "serial4", "serial8", "serial2"})
    if (strcmp(name, serial) == 0) return true;
  return false;
}

bool may_be_volatile(Node* expression) {
  VolatileSearch search{false, false, InvalidOid};
  if (expression == nullptr) return false;
  if (IsA(expression, Query))
    return pg::call([&] { return contain_volatile_functions(expression); });
  pg::call([&] { has_volatile_call(expression, &search); });
  return search.found;
}

bool calls_unknown(Node* query) {
  if (query == nullptr) return false;
  if (IsA(query, Query)) return false;  // analyzed already: what it calls meets the hooks itself
  return pg::call([&] {
    VolatileSearch search{false, true, get_namespace_oid("strata", true)};
    has_volatile_call(query, &search);
    return search.found;
  });
}

bool ColumnDefinition::filled() const {
  return serial || identity || stored || computed || value != nullptr ||
         (OidIsValid(type) && pg::type_facts(type).fills);
}

bool ColumnDefinition::rewrites() const {
  if (serial || identity || stored || may_be_volatile(value)) return true;
  return OidIsValid(type) && pg::call([&] { return DomainHasConstraints(type); });
}

ColumnDefinition column_definition(const ColumnDef* definition) {
  ColumnDefinition out;
  if (definition->colname != nullptr) out.name = definition->colname;
  if (definition->typeName != nullptr) {
    out.serial = is_serial(definition->typeName);
    if (!out.serial)
      out.type = pg::call([&] { return LookupTypeNameOid(nullptr, definition->typeName, true); });
  }
  out.not_null = definition->is_not_null || out.serial;
  out.identity = definition->identity != '\0';
  if (definition->raw_default != nullptr && !is_null_constant(definition->raw_default))
    out.value = definition->raw_default;
  ListCell* cell;
  foreach (cell, definition->constraints)
    add_constraint(out, lfirst_node(Constraint, cell));
  return out;
}

}  // namespace strata::ddl
