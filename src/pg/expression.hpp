// Expressions over a base relation: parsing the author's text, and converting between types.
//
// Called by the mapping functions for what authors write, and by view_tree and index for casts.
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

// Parses `text` over one column called `column` of type `column_type` (varno 1, attribute
// `attnum`), whatever that column is in the catalogs now; else as parse_expression.
Node* parse_over_column(Oid relation, const std::string& column, AttrNumber attnum, Oid column_type,
                        int32_t column_typmod, Oid column_collation, const std::string& text,
                        Oid type, int32_t typmod, const std::string& what);

// Parses `text` as an expression that reads no column, as a DEFAULT does; volatile functions are
// allowed.
Node* parse_constant(Oid relation, const std::string& text, Oid type, int32_t typmod,
                     const std::string& what);

// Returns, as SQL over the columns of `view`, the expression `outer` over one column called
// `column`, with that column replaced by the expression `inner` over the view's columns, coerced to
// the type. Names in `outer` resolve in `base`'s schema.
std::string compose(Oid view, Oid base, const std::string& column, const std::string& outer,
                    const std::string& inner, Oid type, int32_t typmod);

// Returns the SQL of an explicit conversion of `expression`, as raw::convert would make it.
std::string cast_sql(const std::string& expression, Oid from, Oid to, int32_t to_typmod);

// Facts about reading a value of type `from` as type `to`.
struct ConversionFacts {
  enum class Path { kNone, kSame, kRelabel, kFunction, kText } path;
  bool may_fail;   // some values of `from` have no counterpart and raise an error when read
  bool indexable;  // immutable, so that an index on the conversion can exist
  bool needs_key;  // indexable only by way of a narrow_* function of ours
};
ConversionFacts conversion_facts(Oid from, int32_t from_typmod, Oid to, int32_t to_typmod);

namespace raw {
// Raise-kind. Returns `value` converted explicitly to the type, or null when there is no way.
// `keyed` asks for the narrow_* function where the plain cast could make an index raise.
Node* convert(Node* value, Oid type, int32_t typmod, Oid collation, bool keyed);

// Raise-kind. Returns the *_key twin of a narrow_* function of ours; InvalidOid for other
// functions.
Oid narrow_key_of(Oid function);

// Raise-kind. Returns true and the Var when the expression only casts one column.
bool is_cast_of_column(Node* expression, Var** column);
}  // namespace raw

}  // namespace strata::pg
