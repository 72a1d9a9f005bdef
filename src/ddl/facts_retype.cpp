// Owns: facts about ALTER COLUMN ... TYPE: whether the table is rewritten, which of its indexes and
// constraints are made anew, and whether values can be lost (tablecmds.c, ATPrepAlterColumnType and
// ATPostAlterTypeCleanup).
#include "ddl/facts_parts.hpp"
#include "pg/conversion.hpp"
#include "pg/relation.hpp"

extern "C" {
#include "catalog/namespace.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "parser/parse_type.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"
}

namespace strata::ddl {
namespace raw {

struct NewType {
  Oid type;
  int32 typmod;
  Oid collation;
};

static NewType new_type(ColumnDef* definition) {
  NewType out{InvalidOid, -1, InvalidOid};
  if (!OidIsValid(LookupTypeNameOid(nullptr, definition->typeName, true))) return out;
  typenameTypeIdAndMod(nullptr, definition->typeName, &out.type, &out.typmod);
  out.collation = get_typcollation(out.type);
  if (definition->collClause != nullptr)
    out.collation = get_collation_oid(definition->collClause->collname, true);
  return out;
}

struct Step {
  Oid type;
  int32 typmod;
  bool is_explicit;
};

// What a value is on its way, from the column's type on.
struct Way {
  int count;
  Step steps[10];  // nobody writes more casts
};

static bool add_step(Way* way, Oid type, int32 typmod, bool is_explicit) {
  if (way->count == lengthof(way->steps)) return false;
  way->steps[way->count++] = {type, typmod, is_explicit};
  return true;
}

// Returns what USING makes of the column when it is nothing but casts of it, and adds them to the
// way; null otherwise.
static Node* casts_of(Node* expression, Var* column, const char* name, Way* way) {
  if (expression == nullptr) return reinterpret_cast<Node*>(column);
  if (IsA(expression, ColumnRef)) {
    auto* last = static_cast<Node*>(llast(reinterpret_cast<ColumnRef*>(expression)->fields));
    return IsA(last, String) && strcmp(strVal(last), name) == 0 ? reinterpret_cast<Node*>(column)
                                                                : nullptr;
  }
  if (!IsA(expression, TypeCast)) return nullptr;
  auto* cast = reinterpret_cast<TypeCast*>(expression);
  Node* inner = casts_of(cast->arg, column, name, way);
  if (inner == nullptr || !OidIsValid(LookupTypeNameOid(nullptr, cast->typeName, true)))
    return nullptr;
  Oid type;
  int32 typmod;
  typenameTypeIdAndMod(nullptr, cast->typeName, &type, &typmod);
  if (!add_step(way, type, typmod, true)) return nullptr;
  return coerce_to_target_type(nullptr, inner, exprType(inner), type, typmod, COERCION_EXPLICIT,
                               COERCE_EXPLICIT_CAST, -1);
}

// As ATColumnChangeRequiresRewrite.
static bool needs_rewrite(Node* expression) {
  for (;;) {
    if (IsA(expression, Var)) return false;
    if (IsA(expression, RelabelType)) {
      expression = reinterpret_cast<Node*>(reinterpret_cast<RelabelType*>(expression)->arg);
    } else if (IsA(expression, CoerceToDomain)) {
      auto* domain = reinterpret_cast<CoerceToDomain*>(expression);
      if (DomainHasConstraints(domain->resulttype)) return true;
      expression = reinterpret_cast<Node*>(domain->arg);
    } else if (IsA(expression, FuncExpr)) {
      auto* function = reinterpret_cast<FuncExpr*>(expression);
      if (function->funcid != F_TIMESTAMPTZ_TIMESTAMP &&
          function->funcid != F_TIMESTAMP_TIMESTAMPTZ)
        return true;
      if (TimestampTimestampTzRequiresRewrite()) return true;
      expression = static_cast<Node*>(linitial(function->args));
    } else {
      return true;
    }
  }
}

struct Conversion {
  bool known;  // USING is nothing but casts, or is not there
  bool rewrites;
  Way way;
};

// Planning resolves length coercions that change nothing. Over a column it calls only the support
// functions of casts.
static Conversion conversion(ColumnDef* definition, const char* name, Var* column,
                             const NewType& type) {
  Way way = {};
  add_step(&way, column->vartype, column->vartypmod, false);
  Node* value = casts_of(definition->raw_default, column, name, &way);
  if (value == nullptr || !add_step(&way, type.type, type.typmod, false)) return {false, true, way};
  value = coerce_to_target_type(nullptr, value, exprType(value), type.type, type.typmod,
                                COERCION_ASSIGNMENT, COERCE_IMPLICIT_CAST, -1);
  if (value == nullptr) return {true, true, way};  // the server will refuse it
  auto* planned = reinterpret_cast<Node*>(expression_planner(reinterpret_cast<Expr*>(value)));
  return {true, needs_rewrite(planned), way};
}

}  // namespace raw

namespace {

bool is_one_of(Oid type, std::initializer_list<Oid> list) {
  return std::find(list.begin(), list.end(), type) != list.end();
}

// Returns true when every value with the first type modifier has one with the second.
bool has_room(Oid type, int32_t from, int32_t to) {
  if (from == to) return true;
  if (from == -1) return false;
  switch (type) {
    case NUMERICOID: {  // precision above, scale below, as make_numeric_typmod says
      const auto digits = [](int32_t typmod) { return ((typmod - VARHDRSZ) >> 16) & 0xffff; };
      const auto scale = [](int32_t typmod) {
        return (((typmod - VARHDRSZ) & 0x7ff) ^ 1024) - 1024;
      };
      return scale(to) >= scale(from) && digits(to) - scale(to) >= digits(from) - scale(from);
    }
    case BITOID:
    case VARBITOID:
    case TIMEOID:
    case TIMETZOID:
    case TIMESTAMPOID:
    case TIMESTAMPTZOID:
      return to >= from;
    default:
      return false;
  }
}

// Returns true when the step gives every value back or raises. What is not known to do so
// counts as losing: numeric to fewer digits and float8 to float4 round, timestamp to date cuts off,
// json to jsonb leaves out, an explicit cast to a shorter varchar cuts.
bool keeps_values(const raw::Step& from, const raw::Step& to) {
  const Oid old_type = pg::call([&] { return getBaseType(from.type); });
  const Oid new_type = pg::call([&] { return getBaseType(to.type); });
  const auto integers = {Oid{INT2OID}, Oid{INT4OID}, Oid{INT8OID}};
  const auto texts = {Oid{TEXTOID}, Oid{VARCHAROID}, Oid{BPCHAROID}};
  if (is_one_of(new_type, texts))
    return !to.is_explicit || to.typmod == -1 ||
           (is_one_of(old_type, texts) && from.typmod != -1 && from.typmod <= to.typmod);
  if (is_one_of(old_type, integers)) return true;
  if (is_one_of(old_type, texts) && pg::call([&] { return get_typtype(new_type); }) == TYPTYPE_ENUM)
    return true;
  if (old_type == new_type) return to.typmod == -1 || has_room(new_type, from.typmod, to.typmod);
  if (old_type == FLOAT4OID) return new_type == FLOAT8OID;
  if (old_type == DATEOID) return is_one_of(new_type, {TIMESTAMPOID, TIMESTAMPTZOID});
  if (is_one_of(old_type, {TIMESTAMPOID, TIMESTAMPTZOID}))
    return is_one_of(new_type, {TIMESTAMPOID, TIMESTAMPTZOID}) && to.typmod == -1;
  if (old_type == CIDROID) return new_type == INETOID;
  if (old_type == JSONBOID) return new_type == JSONOID;
  return false;
}

bool keeps_values(const raw::Way& way) {
  for (int i = 1; i < way.count; i++)
    if (!keeps_values(way.steps[i - 1], way.steps[i])) return false;
  return true;
}

// The same type with more room: numeric(10,2) to numeric(12,2), varbit(5) to varbit(10).
bool only_widens(const pg::ColumnFacts& from, const raw::NewType& to, bool rewrites) {
  return !rewrites && (to.typmod == -1 || from.type == to.type);
}

// Without a rewrite the server keeps an index whose columns sort as before, unless it is computed.
void rebuild_indexes(FactsBuilder& out, Oid table, const pg::ColumnFacts& column, bool collation) {
  for (const pg::IndexFacts& index : pg::indexes_of(table)) {
    const bool named = index.on(column.attnum);
    bool depends = named;
    if (!named && index.computed)
      for (const pg::Dependency& used : pg::dependencies_of({RelationRelationId, index.index, 0}))
        depends = depends || used.object == pg::Object{RelationRelationId, table, column.attnum};
    if (!depends || (named && !index.computed && !collation)) continue;
    out.add(index.index, Lock::AccessExclusive).rewritten = true;
    out.scan(table);
  }
}

void remake_constraints(FactsBuilder& out, Oid table, const pg::ColumnFacts& column,
                        bool rewrites) {
  for (const pg::ConstraintFacts& constraint : pg::constraints_of(table)) {
    if (!constraint.on(column.attnum)) continue;
    if (constraint.type == CONSTRAINT_CHECK && constraint.validated) out.scan(table);
    if (constraint.type != CONSTRAINT_FOREIGN) continue;
    out.add(constraint.referenced, Lock::AccessExclusive);
    if (rewrites) out.scan(constraint.referenced);
  }
  for (const pg::ConstraintFacts& key : pg::keys_to(table)) {
    const auto& columns = key.referenced_columns;
    if (std::find(columns.begin(), columns.end(), column.attnum) == columns.end()) continue;
    out.add(key.table, Lock::AccessExclusive);
    if (rewrites) out.scan(key.table);
  }
}

// A version reads the column converted back; one for which there is no way back breaks.
void break_versions(FactsBuilder& out, Oid table, const pg::ColumnFacts& column,
                    const raw::NewType& type, bool casts) {
  for (const catalog::VersionView* view : out.registry().views_of(table)) {
    if (casts && pg::conversion_facts(type.type, type.typmod, column.type, column.typmod).path !=
                     pg::ConversionFacts::Path::kNone)
      continue;
    for (const pg::Dependency& reader :
         pg::dependents_of({RelationRelationId, table, column.attnum}))
      if (reader.object.classid == RewriteRelationId &&
          pg::relation_of_rule(reader.object.objid) == view->view)
        out.break_version(view->version_id);
  }
}

}  // namespace

void retype_facts(FactsBuilder& out, Oid table, bool inheritors, const AlterTableCmd* command) {
  auto* definition = castNode(ColumnDef, command->def);
  const raw::NewType type = pg::call([&] { return raw::new_type(definition); });
  // No such type, and none that an earlier statement would make: the server says so.
  if (!OidIsValid(type.type) && out.foreseen() == nullptr) return;
  out.break_both(table);
  out.partly_reversible();
  for (const Oid target : tree_of(table, inheritors)) {
    const pg::ColumnFacts column = pg::column_facts(target, command->name);
    if (!column.exists()) continue;
    if (!OidIsValid(type.type)) {
      out.facts.may_lose_values = true;
      out.irreversible();
      out.rewrite(target);
      continue;
    }
    const raw::Conversion conversion = pg::call([&] {
      Var* var = makeVar(1, column.attnum, column.type, column.typmod, column.collation, 0);
      return raw::conversion(definition, command->name, var, type);
    });
    if (!only_widens(column, type, conversion.rewrites) &&
        !(conversion.known && keeps_values(conversion.way))) {
      out.facts.may_lose_values = true;
      out.irreversible();
    }
    const bool has_storage = pg::table_facts(target).has_storage();
    if (conversion.rewrites && has_storage)
      out.rewrite(target);
    else
      rebuild_indexes(out, target, column, column.collation != type.collation);
    remake_constraints(out, target, column, conversion.rewrites);
    break_versions(out, target, column, type, conversion.known);
  }
}

}  // namespace strata::ddl
