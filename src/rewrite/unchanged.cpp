// Owns: comparison by image (see unchanged.hpp).
//
// IS DISTINCT FROM would do where equal values look the same, which a type tells by support
// function 4 of its b-tree class (BTEQUALIMAGE, nbtree's README "deduplication"). Elsewhere - 1.0
// and 1.00, citext, collations that are not deterministic, types without equality - rows of one
// column are compared as their bytes (record_image_ne).
#include "rewrite/unchanged.hpp"

extern "C" {
#include "access/nbtree.h"
#include "catalog/namespace.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"
}

namespace strata::rewrite::raw {

Oid image_equality(Oid type, Oid collation) {
  TypeCacheEntry* entry =
      lookup_type_cache(getBaseType(type), TYPECACHE_EQ_OPR | TYPECACHE_BTREE_OPFAMILY);
  if (!OidIsValid(entry->eq_opr) || !OidIsValid(entry->btree_opf)) return InvalidOid;
  Oid support = get_opfamily_proc(entry->btree_opf, entry->btree_opintype, entry->btree_opintype,
                                  BTEQUALIMAGE_PROC);
  if (!OidIsValid(support)) return InvalidOid;
  return DatumGetBool(
             OidFunctionCall1Coll(support, collation, ObjectIdGetDatum(entry->btree_opintype)))
             ? entry->eq_opr
             : InvalidOid;
}

static Node* row_of(Node* value) {
  RowExpr* row = makeNode(RowExpr);
  row->args = list_make1(value);
  row->row_typeid = RECORDOID;
  row->row_format = COERCE_IMPLICIT_CAST;
  row->colnames = list_make1(makeString(pstrdup("f1")));
  row->location = -1;
  return reinterpret_cast<Node*>(row);
}

Node* is_changed(Node* value, Node* shown, Oid equality) {
  if (OidIsValid(equality)) {
    auto* out = reinterpret_cast<OpExpr*>(
        make_opclause(equality, BOOLOID, false, reinterpret_cast<Expr*>(value),
                      reinterpret_cast<Expr*>(shown), InvalidOid, exprCollation(shown)));
    set_opfuncid(out);
    NodeSetTag(out, T_DistinctExpr);
    return reinterpret_cast<Node*>(out);
  }
  Oid differs =
      OpernameGetOprid(list_make2(makeString(pstrdup("pg_catalog")), makeString(pstrdup("*<>"))),
                       RECORDOID, RECORDOID);
  auto* out = reinterpret_cast<OpExpr*>(
      make_opclause(differs, BOOLOID, false, reinterpret_cast<Expr*>(row_of(value)),
                    reinterpret_cast<Expr*>(row_of(shown)), InvalidOid, InvalidOid));
  set_opfuncid(out);
  return reinterpret_cast<Node*>(out);
}

}  // namespace strata::rewrite::raw
