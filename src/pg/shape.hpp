// The definition of an object as the catalogs have it, as JSON: what is recorded before and after a
// statement.
//
// Called by the recorder. Names in definitions are qualified when the caller has pinned
// search_path.
#pragma once

#include "pg/depend.hpp"

namespace strata::pg {

// Returns the object's definition, nullopt when there is no such object or when objects of its kind
// have none: relations, types, functions, schemas, and what has_code_shape() says, have. Members
// that are not set are left out.
//   relation:  oid, kind, schema, name, owner, columns [{attnum, name, type, ...}], constraints,
//              indexes, triggers, policies, rules, statistics, definition (of a view), ...
//   type:      oid, kind, schema, name, owner, labels | base type and constraints
//   function:  oid, kind, schema, name, owner, arguments, definition
//   schema:    oid, kind, name, owner, acl
//   operator, collation, ...: oid, kind, schema, name, owner, the columns of its catalog
// Reads without locks what the current command sees. Secrets are masked, so that all who record,
// compare and show definitions have the same. `comments`: where to put comments_stamp() of a
// relation (comments.hpp), which is known by then.
std::optional<std::string> shape_of(const Object& object, uint64_t* comments = nullptr);

// Returns true for the catalogs of operators, their classes and families, collations, conversions
// and text search objects.
bool has_code_shape(Oid classid);

// Returns the type in whose definition a cast is: the one it casts from, if that is not the
// server's own, else the one it casts to. InvalidOid when there is no such cast.
Oid type_of_cast(Oid cast);

// Returns the kind and the qualified name, as in "table shop.users"; empty when it is gone.
std::string shape_name(const Object& object);

// Returns the schema that the object is in, or is; InvalidOid when it is gone or in none.
Oid shape_schema(const Object& object);

// Returns the number of the file that a relation's rows are in; InvalidOid when it has none.
Oid storage_file(Oid relation);

namespace raw {

class JsonWriter;
class ShapeWriter;

// Raise-kind parts of it. Each writes members into the open object.
void write_relation(ShapeWriter& out, Oid relation, HeapTuple tuple);
// Returns the comment on the relation itself, null when there is none. Leaves the scan of comments
// open (comments.hpp).
const char* write_columns(ShapeWriter& out, Oid relation);
void write_relation_parts(ShapeWriter& out, HeapTuple tuple);
void write_type(ShapeWriter& out, Oid type, HeapTuple tuple);
void write_function(JsonWriter& out, Oid function, HeapTuple tuple);
void write_schema(JsonWriter& out, HeapTuple tuple);
void write_code(JsonWriter& out, const Object& object, HeapTuple tuple);
void write_casts(JsonWriter& out, Oid type);

void write_aggregate(JsonWriter& out, Oid function);
void write_sequence(JsonWriter& out, Oid sequence);
void write_foreign_table(JsonWriter& out, Oid relation);

// Writes who may do what, as aclitems; nothing when all is by default.
void write_acl(JsonWriter& out, Datum acl, bool is_null, ObjectType type, Oid owner);
void write_acl_items(JsonWriter& out, Datum acl);

// Writes an array of text, unless it is null.
void write_texts(JsonWriter& out, const char* key, Datum texts, bool is_null);

// Writes a statistics target that is not by default.
void write_target(JsonWriter& out, Datum target, bool is_null);
void write_owner(JsonWriter& out, Oid owner);
void write_comment(JsonWriter& out, Oid classid, Oid object, int32 subid);

bool is_code_catalog(Oid classid);

// Returns the kind and the qualified name of such an object; null when it is gone.
const char* code_name(const Object& object);

// Returns "table", "view", ... for pg_class.relkind.
const char* relation_kind_name(char kind);

}  // namespace raw
}  // namespace strata::pg
