// Owns: facts about code: functions, triggers, rules, policies.
#include "ddl/facts_parts.hpp"
#include "ddl/object_named.hpp"
#include "ddl/options.hpp"

extern "C" {
#include "catalog/namespace.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_language.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_rewrite.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace strata::ddl {
namespace {

struct FoundFunction {
  Oid oid;
  bool immutable;
};

// Returns a function of that name with as many arguments; overloads count as the same.
FoundFunction function_named(List* name, List* parameters) {
  return pg::call([&] {
    int count = 0;
    ListCell* cell;
    foreach (cell, parameters) {
      const FunctionParameterMode mode = lfirst_node(FunctionParameter, cell)->mode;
      if (mode != FUNC_PARAM_OUT && mode != FUNC_PARAM_TABLE) count++;
    }
    for (FuncCandidateList at = FuncnameGetCandidates(name, count, NIL, false, false, false, true);
         at != nullptr; at = at->next)
      if (OidIsValid(at->oid))
        return FoundFunction{at->oid, func_volatile(at->oid) == PROVOLATILE_IMMUTABLE};
    return FoundFunction{InvalidOid, false};
  });
}

// What an index, a stored column or a CHECK was computed with is in them; it does not change.
bool is_stored_somewhere(Oid function) {
  for (const pg::Dependency& user : pg::dependents_of({ProcedureRelationId, function, 0}))
    if (user.object.classid == RelationRelationId || user.object.classid == ConstraintRelationId ||
        user.object.classid == AttrDefaultRelationId)
      return true;
  return false;
}

bool is_untrusted(List* options) {
  DefElem* const language = option_named(options, "language");
  if (language == nullptr) return false;
  return pg::call([&] {
    HeapTuple tuple = SearchSysCache1(LANGNAME, CStringGetDatum(strVal(language->arg)));
    if (!HeapTupleIsValid(tuple)) return false;
    bool out = !reinterpret_cast<Form_pg_language>(GETSTRUCT(tuple))->lanpltrusted;
    ReleaseSysCache(tuple);
    return out;
  });
}

void create_function(FactsBuilder& out, CreateFunctionStmt* stmt) {
  if (option_is_on(stmt->options, "security") || is_untrusted(stmt->options))
    out.facts.privilege = true;
  const FoundFunction old = stmt->replace ? function_named(stmt->funcname, stmt->parameters)
                                          : FoundFunction{InvalidOid, false};
  if (!OidIsValid(old.oid)) {
    out.in_schema_of(OBJECT_FUNCTION, reinterpret_cast<Node*>(stmt->funcname));
    out.facts.creates_only = true;
    return;
  }
  out.about(pg::call([&] { return NameListToString(stmt->funcname); }));
  out.in_schema(pg::call([&] { return get_func_namespace(old.oid); }));
  out.facts.breaks_readers = out.facts.breaks_writers = true;
  if (old.immutable && is_stored_somewhere(old.oid)) out.facts.integrity_loss = true;
}

void alter_function(FactsBuilder& out, AlterFunctionStmt* stmt) {
  out.in_schema_of(stmt->objtype, reinterpret_cast<Node*>(stmt->func));
  out.facts.breaks_readers = out.facts.breaks_writers = true;
  if (option_is_on(stmt->actions, "security")) out.facts.privilege = true;
}

void create_trigger(FactsBuilder& out, CreateTrigStmt* stmt) {
  const Oid table = out.add_named(stmt->relation, Lock::ShareRowExclusive);
  out.facts.breaks_writers = true;
  if (!OidIsValid(table)) return;
  if (pg::table_facts(table).kind == RELKIND_PARTITIONED_TABLE && stmt->row)
    for (const Oid partition : tree_of(table, true))
      out.add(partition, Lock::ShareRowExclusive);
  if (stmt->constrrel != nullptr)
    if (const Oid other = out.find(stmt->constrrel); OidIsValid(other))
      out.add(other, Lock::AccessShare);
}

void create_rule(FactsBuilder& out, RuleStmt* stmt) {
  const Oid relation = out.add_named(stmt->relation, Lock::AccessExclusive);
  if (stmt->event == CMD_SELECT) {
    out.facts.breaks_readers = true;
    if (const catalog::VersionView* view = out.registry().view(relation))
      out.break_version(view->version_id);
  } else {
    out.facts.breaks_writers = true;
  }
}

// Policies of a table without row security mean nothing yet.
void create_policy(FactsBuilder& out, RangeVar* name, bool widens, bool narrows) {
  const Oid table = out.add_named(name, Lock::AccessExclusive);
  if (!OidIsValid(table) || !pg::table_facts(table).row_security) return;
  if (widens) out.facts.exposure = true;
  if (narrows) out.facts.breaks_readers = out.facts.breaks_writers = true;
}

void comment(FactsBuilder& out, ObjectType type, Node* object) {
  out.facts.creates_only = true;
  if (object == nullptr || !IsA(object, List)) return;
  auto* names = castNode(List, object);
  const bool is_part = is_part_type(type) || type == OBJECT_COLUMN || type == OBJECT_TABCONSTRAINT;
  const bool is_relation = type == OBJECT_TABLE || type == OBJECT_VIEW || type == OBJECT_MATVIEW ||
                           type == OBJECT_FOREIGN_TABLE || type == OBJECT_SEQUENCE ||
                           type == OBJECT_INDEX;
  RangeVar* relation = nullptr;
  if (is_part)
    relation = relation_of_part(object);
  else if (is_relation)
    relation = pg::call([&] { return makeRangeVarFromNameList(names); });
  const bool light = is_part && type != OBJECT_COLUMN;
  if (relation != nullptr)
    out.add_named(relation, light ? Lock::AccessShare : Lock::ShareUpdateExclusive);
}

}  // namespace

bool code_facts(FactsBuilder& out, Node* tree) {
  switch (nodeTag(tree)) {
    case T_CreateFunctionStmt:
      create_function(out, castNode(CreateFunctionStmt, tree));
      return true;
    case T_AlterFunctionStmt:
      alter_function(out, castNode(AlterFunctionStmt, tree));
      return true;
    case T_CreateTrigStmt:
      create_trigger(out, castNode(CreateTrigStmt, tree));
      return true;
    case T_RuleStmt:
      create_rule(out, castNode(RuleStmt, tree));
      return true;
    case T_CreatePolicyStmt: {
      auto* stmt = castNode(CreatePolicyStmt, tree);
      create_policy(out, stmt->table, stmt->permissive, !stmt->permissive);
      return true;
    }
    case T_AlterPolicyStmt:
      create_policy(out, castNode(AlterPolicyStmt, tree)->table, true, true);
      return true;
    case T_CommentStmt:
      comment(out, castNode(CommentStmt, tree)->objtype, castNode(CommentStmt, tree)->object);
      return true;
    case T_SecLabelStmt:
      comment(out, castNode(SecLabelStmt, tree)->objtype, castNode(SecLabelStmt, tree)->object);
      return true;
    case T_CreatePLangStmt:
      out.facts.creates_only = true;
      return true;
    default:
      return false;
  }
}

}  // namespace strata::ddl
