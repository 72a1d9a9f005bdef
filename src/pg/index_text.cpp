// Owns: index definitions as text (see index_text.hpp).
#include "pg/index_text.hpp"

extern "C" {
#include "catalog/namespace.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/ruleutils.h"
}

namespace strata::pg::raw {

static void append_key(StringInfo out, const IndexElem* key, List* context) {
  if (key->name != nullptr)
    appendStringInfoString(out, quote_identifier(key->name));
  else
    appendStringInfo(out, "(%s)",
                     deparse_expression(static_cast<Node*>(key->expr), context, false, false));
  if (key->collation != NIL)
    appendStringInfo(out, " COLLATE %s", NameListToQuotedString(key->collation));
  if (key->opclass != NIL) appendStringInfo(out, " %s", NameListToQuotedString(key->opclass));
  if (key->ordering == SORTBY_DESC) appendStringInfoString(out, " DESC");
  if (key->nulls_ordering == SORTBY_NULLS_FIRST) appendStringInfoString(out, " NULLS FIRST");
  if (key->nulls_ordering == SORTBY_NULLS_LAST) appendStringInfoString(out, " NULLS LAST");
}

static void append_keys(StringInfo out, List* keys, List* context) {
  const char* separator = " (";
  ListCell* cell;
  foreach (cell, keys) {
    appendStringInfoString(out, separator);
    append_key(out, lfirst_node(IndexElem, cell), context);
    separator = ", ";
  }
  appendStringInfoChar(out, ')');
}

const char* index_text(const IndexStmt* definition, Oid relation) {
  List* context = deparse_context_for(get_rel_name(relation), relation);
  StringInfoData out;
  initStringInfo(&out);
  appendStringInfo(&out, "CREATE INDEX ON %s USING %s",
                   quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)),
                                              get_rel_name(relation)),
                   quote_identifier(definition->accessMethod));
  append_keys(&out, definition->indexParams, context);
  if (definition->indexIncludingParams != NIL) {
    appendStringInfoString(&out, " INCLUDE");
    append_keys(&out, definition->indexIncludingParams, context);
  }
  if (definition->whereClause != nullptr)
    appendStringInfo(&out, " WHERE %s",
                     deparse_expression(definition->whereClause, context, false, false));
  appendStringInfoChar(&out, ';');
  return out.data;
}

}  // namespace strata::pg::raw
