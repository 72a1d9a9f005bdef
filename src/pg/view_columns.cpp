// Owns: reading what a version view's columns do (see view_columns.hpp).
#include "pg/view_columns.hpp"

#include "pg/conversion.hpp"
#include "pg/view_query.hpp"

extern "C" {
#include "access/relation.h"
#include "optimizer/optimizer.h"
#include "rewrite/rewriteHandler.h"
#include "rewrite/rewriteManip.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/ruleutils.h"
}

namespace strata::pg {
namespace raw {

// Plain-data form of ViewColumn.
struct ColumnFacts {
  Oid type;
  int32 typmod;
  int how;
  AttrNumber base_column;
  Bitmapset* reads;  // attribute numbers, offset as selectedCols
  const char* name;
  const char* text;
};

struct ViewFacts {
  int count;
  ColumnFacts* columns;
};

// Returns the expression as SQL; `context` is made when it is first wanted. Most are columns, whose
// names need none.
static const char* text_of(Node* expression, Index varno, Oid base, List** context) {
  if (IsA(expression, Var) && reinterpret_cast<const Var*>(expression)->varattno > 0) {
    const char* name = get_attname(base, reinterpret_cast<const Var*>(expression)->varattno, true);
    return name == nullptr ? nullptr : quote_identifier(name);
  }
  // Deparsing wants the base as relation 1, whatever place it has in the stored range table.
  if (OidIsValid(base) && *context == NIL) *context = deparse_context_for(get_rel_name(base), base);
  auto* copy = static_cast<Node*>(copyObjectImpl(expression));
  if (varno > 1) ChangeVarNodes(copy, static_cast<int>(varno), 1, 0);
  return deparse_expression(copy, *context, false, false);
}

static ViewFacts view_facts(Oid view_oid, Oid base, bool with_text) {
  Relation view = try_relation_open(view_oid, AccessShareLock);
  // Retired or pointed elsewhere by another session meanwhile: whoever asks looks again under
  // locks.
  if (view == nullptr) return {0, nullptr};
  Query* query = get_view_query(view);
  Index varno = OidIsValid(base) ? find_varno(query, base) : 0;
  if (OidIsValid(base) && varno == 0) {
    relation_close(view, AccessShareLock);
    return {0, nullptr};
  }
  ViewFacts facts{0, static_cast<ColumnFacts*>(
                         palloc0(sizeof(ColumnFacts) * Max(list_length(query->targetList), 1)))};
  List* context = NIL;
  ListCell* cell;
  foreach (cell, query->targetList) {
    auto* entry = lfirst_node(TargetEntry, cell);
    if (entry->resjunk) continue;
    ColumnFacts* out = &facts.columns[facts.count++];
    Form_pg_attribute att = TupleDescAttr(RelationGetDescr(view), entry->resno - 1);
    auto* expression = reinterpret_cast<Node*>(entry->expr);
    out->name = pstrdup(NameStr(att->attname));
    out->type = att->atttypid;
    out->typmod = att->atttypmod;
    if (varno != 0) pull_varattnos(expression, varno, &out->reads);
    Var* column = nullptr;
    if (varno != 0 && is_cast_of_column(expression, &column)) {
      out->base_column = column->varattno;
      out->how = static_cast<int>(IsA(expression, Var) ? ViewColumn::How::kDirect
                                                       : ViewColumn::How::kCast);
    } else {
      out->how = static_cast<int>(bms_is_empty(out->reads) ? ViewColumn::How::kConstant
                                                           : ViewColumn::How::kExpression);
    }
    // Without a base the query is a copied view's over several relations: no short text for that.
    if (with_text && (varno != 0 || !contain_vars_of_level(expression, 0))) {
      out->text = text_of(expression, varno, base, &context);
    }
  }
  relation_close(view, AccessShareLock);
  return facts;
}

}  // namespace raw

static std::vector<ViewColumn> view_columns(Oid view, Oid base, bool with_text) {
  const raw::ViewFacts facts = call([&] { return raw::view_facts(view, base, with_text); });
  std::vector<ViewColumn> columns;
  for (int i = 0; i < facts.count; i++) {
    const raw::ColumnFacts& from = facts.columns[i];
    ViewColumn column;
    column.name = from.name;
    column.type = from.type;
    column.typmod = from.typmod;
    column.how = static_cast<ViewColumn::How>(from.how);
    column.base_column = from.base_column;
    for (int bit = bms_next_member(from.reads, -1); bit >= 0;
         bit = bms_next_member(from.reads, bit))
      column.reads.push_back(static_cast<AttrNumber>(bit + FirstLowInvalidHeapAttributeNumber));
    if (from.text != nullptr) column.expression = from.text;
    columns.push_back(std::move(column));
  }
  return columns;
}

std::vector<ViewColumn> view_columns(Oid view, Oid base) {
  return view_columns(view, base, false);
}

std::vector<ViewColumn> view_columns_as_text(Oid view, Oid base) {
  return view_columns(view, base, true);
}

std::vector<std::string> view_expressions(Oid view, Oid base) {
  const raw::ViewFacts facts = call([&] { return raw::view_facts(view, base, true); });
  std::vector<std::string> out;
  for (int i = 0; i < facts.count; i++)
    out.emplace_back(facts.columns[i].text ? facts.columns[i].text : "");
  return out;
}

bool view_reads(Oid view, Oid base, AttrNumber attnum) {
  for (const ViewColumn& column : view_columns(view, base))
    for (const AttrNumber read : column.reads)
      if (read == attnum) return true;
  return false;
}

}  // namespace strata::pg
