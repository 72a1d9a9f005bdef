// Facts about a DDL statement: which relations it locks and how, which columns it retypes, what it
// drops. Read from the parse tree and the catalogs before anything runs and before any lock; names
// that do not resolve are left out, because core reports them better.
#pragma once

#include "pg/depend.hpp"

extern "C" {
#include "storage/lockdefs.h"
}

namespace strata::ddl {

struct TargetRelation {
  Oid relation;
  LOCKMODE mode;
  RangeVar* name;  // how the statement named it; null for inheritors
};

// One ALTER COLUMN ... TYPE, for the named table or one of its inheritors.
struct Retype {
  Oid relation;
  AttrNumber attnum;
  std::string column;
  Oid new_type;
  int32_t new_typmod;
  Oid old_type;
  int32_t old_typmod;
  Oid old_collation;
  bool plain;  // no USING, or one that only casts the column: a cast leads back
};

struct RenamedColumn {
  Oid relation;
  std::string from;
  std::string to;
};

struct DroppedColumn {
  Oid relation;
  AttrNumber attnum;
  std::string name;
};

struct Statement {
  std::vector<TargetRelation> relations;  // the named ones, then inheritors; to lock views-first
  std::vector<Retype> retypes;
  std::vector<pg::Object> drops;
  bool drops_only_tables = false;  // DROP TABLE or INDEX, without what they own
  bool cascade = false;
  bool drops_owned = false;                    // DROP OWNED: nobody named the objects
  std::vector<DroppedColumn> dropped_columns;  // those among `drops` that DROP COLUMN names
  std::vector<RenamedColumn> renamed_columns;
  std::vector<pg::Object> altered_types;  // enum labels renamed, composite attributes changed
  Oid altered_domain = InvalidOid;        // ALTER DOMAIN that may make an INSERT fail
  bool restricts_inserts = false;         // may make an INSERT fail that did not: to be checked
  Oid renamed_relation = InvalidOid;      // loses its name: RENAME or SET SCHEMA
  bool makes_name = false;                // a relation may appear under a new name
  std::string renamed_schema;             // RENAME SCHEMA: its old name
  std::string new_schema;
  bool changes_owner = false;  // of the first relation, or of `schema` when there is none
  std::string schema;
  AclMode privilege = 0;  // table privileges of which any suffices instead of ownership
  bool schema_owner_suffices = false;  // the owner of the schema may do it too (DROP)
  bool nowait = false;                 // LOCK TABLE ... NOWAIT: fails rather than wait
  bool in_pieces = false;  // commits in between (CONCURRENTLY, VACUUM): nothing may span it
};

// Returns the facts of a utility statement; nullopt for one that pg_strata has no business with.
std::optional<Statement> describe(Node* parse_tree);

// Returns true when `describe` may find something for this node; a switch on the tag, nothing more.
bool concerns(const Node* parse_tree);

}  // namespace strata::ddl
