// Expressions that authors write over a base relation.
//
// Called by the mapping functions, and again when what they registered is used.
#pragma once

#include "pg/guard.hpp"

namespace strata::pg {

// Parses `text` as a scalar expression over the columns of `relation` (varno 1) and coerces it to
// the type. Names resolve in `relation`'s schema. Raises the parser's errors, also for
// subqueries and aggregates; 42P17 for volatile functions and system columns, 42804 for a wrong
// type.
struct ParsedExpression {
  Node* node;
  Bitmapset* columns;  // attribute numbers read, offset as selectedCols
};
ParsedExpression parse_expression(Oid relation, const std::string& text, Oid type, int32_t typmod,
                                  const std::string& what);

// The same for text that the server deparsed with search_path pinned.
Node* parse_stored_expression(Oid relation, const std::string& text, Oid type, int32_t typmod,
                              const std::string& what);

// Parses `text` over one column called `column` of type `column_type` (varno 1, attribute
// `attnum`), whatever that column is in the catalogs now; else as parse_expression.
Node* parse_over_column(Oid relation, const std::string& column, AttrNumber attnum, Oid column_type,
                        int32_t column_typmod, Oid column_collation, const std::string& text,
                        Oid type, int32_t typmod, const std::string& what);

// Parses `text` as an expression that reads no column, as a DEFAULT does; volatile functions are
// allowed.
Node* parse_constant(Oid relation, const std::string& text, Oid type, int32_t typmod,
                     const std::string& what);

// The same for text that the server deparsed with search_path pinned.
Node* parse_stored_constant(const std::string& text, Oid type, int32_t typmod,
                            const std::string& what);

// Returns, as SQL over the columns of `view`, the expression `outer` over one column called
// `column`, with that column replaced by the expression `inner` over the view's columns, coerced to
// the type. Names in `outer` resolve in `base`'s schema.
std::string compose(Oid view, Oid base, const std::string& column, const std::string& outer,
                    const std::string& inner, Oid type, int32_t typmod);

}  // namespace strata::pg
