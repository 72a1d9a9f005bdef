// Conversions between types: how a version reads a column that has another type now, and back.
//
// Called by view_tree and mapping_index for expressions, by the mapping and upkeep rooms for SQL
// and for what a conversion can do.
#pragma once

#include "pg/guard.hpp"

namespace strata::pg {

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

// Raise-kind. Returns true and the Var when the expression is a column, or the conversion of one
// that convert() makes.
bool is_cast_of_column(Node* expression, Var** column);
}  // namespace raw

}  // namespace strata::pg
