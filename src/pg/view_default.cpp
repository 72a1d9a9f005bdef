// Owns: storing defaults of view columns (see view_default.hpp).
#include "pg/view_default.hpp"

#include "pg/expression.hpp"
#include "pg/relation.hpp"
#include "pg/session.hpp"

extern "C" {
#include "access/relation.h"
#include "access/xact.h"
#include "catalog/pg_attrdef.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_coerce.h"
#include "rewrite/rewriteHandler.h"
}

namespace strata::pg {
namespace raw {

static void drop_default(Oid view, AttrNumber attnum) {
  RemoveAttrDefault(view, attnum, DROP_RESTRICT, false, true);
  CommandCounterIncrement();
}

// Stores an expression that reads no column. What does not fit the column raises, as in the server.
static void store_default(Oid view_oid, AttrNumber attnum, Node* expression) {
  Relation view = relation_open(view_oid, AccessExclusiveLock);
  Form_pg_attribute att = TupleDescAttr(RelationGetDescr(view), attnum - 1);
  Node* value =
      coerce_to_target_type(nullptr, expression, exprType(expression), att->atttypid,
                            att->atttypmod, COERCION_ASSIGNMENT, COERCE_IMPLICIT_CAST, -1);
  if (value == nullptr)
    ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
                    errmsg("column \"%s\" is of type %s but its default is of type %s",
                           NameStr(att->attname), format_type_be(att->atttypid),
                           format_type_be(exprType(expression)))));
  if (att->atthasdef) drop_default(view_oid, attnum);
  strata_compat_store_default(view, attnum, value);
  CommandCounterIncrement();
  relation_close(view, NoLock);
}

static void copy_default(Oid view, AttrNumber attnum, Oid from, AttrNumber source) {
  Relation rel = relation_open(from, AccessShareLock);
  Node* expression = build_column_default(rel, source);
  relation_close(rel, NoLock);
  if (expression != nullptr) store_default(view, attnum, expression);
}

}  // namespace raw

void copy_default(Oid view, AttrNumber attnum, Oid from, AttrNumber source) {
  call([&] { raw::copy_default(view, attnum, from, source); });
}

void set_default(Oid view, AttrNumber attnum, const std::string& text, Oid author) {
  const Attribute column = attributes(view).at(attnum);
  Node* expression = nullptr;
  {
    const ActAs restricted(author, ActAs::Restricted{});
    expression = parse_stored_constant(text, column.type, column.typmod,
                                       fmt::format("default of column \"{}\"", column.name));
  }
  call([&] { raw::store_default(view, attnum, expression); });
}

void drop_default(Oid view, AttrNumber attnum) {
  call([&] { raw::drop_default(view, attnum); });
}

}  // namespace strata::pg
