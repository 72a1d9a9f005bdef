// What the catalogs say of a relation, read without any lock on it.
//
// Called where statements are described before they run (ddl/facts): waiting for a lock there would
// be waiting for what the description is to warn of. What is read so may be out of date the next
// moment; whoever acts on it looks again under a lock.
#pragma once

#include "pg/guard.hpp"

namespace strata::pg {

struct TableFacts {
  Oid schema = InvalidOid;
  Oid row_type = InvalidOid;
  Oid of_type = InvalidOid;
  Oid access_method = InvalidOid;
  Oid tablespace = InvalidOid;
  Oid toast = InvalidOid;
  char kind = '\0';  // pg_class.relkind; '\0': there is no such relation
  char persistence = '\0';
  bool partition = false;
  bool has_rules = false;
  bool row_security = false;

  bool exists() const { return kind != '\0'; }
  bool is_temp() const { return persistence == RELPERSISTENCE_TEMP; }
  bool has_storage() const { return RELKIND_HAS_STORAGE(kind); }
};
TableFacts table_facts(Oid relation);

struct ColumnFacts {
  AttrNumber attnum = 0;
  std::string name;
  Oid type = InvalidOid;
  int32_t typmod = -1;
  Oid collation = InvalidOid;
  bool not_null = false;
  bool has_default = false;
  char identity = '\0';
  char generated = '\0';

  bool exists() const { return attnum != 0; }
};

// Returns the column; one that does not exist() when there is none, or when it is dropped.
ColumnFacts column_facts(Oid relation, const std::string& name);

// Returns all columns, in order.
std::vector<ColumnFacts> columns_of(Oid relation);

struct IndexFacts {
  Oid index = InvalidOid;
  Oid table = InvalidOid;
  bool unique = false;
  bool primary = false;
  bool computed = false;            // has expressions or a predicate
  std::vector<AttrNumber> columns;  // keys and included ones; 0: an expression
  bool on(AttrNumber column) const {
    return std::find(columns.begin(), columns.end(), column) != columns.end();
  }
};
std::vector<IndexFacts> indexes_of(Oid table);

// Returns the facts of one index; index is InvalidOid when it is none.
IndexFacts index_facts(Oid index);

struct ConstraintFacts {
  Oid oid = InvalidOid;
  std::string name;
  char type = '\0';  // pg_constraint.contype
  bool validated = false;
  Oid table = InvalidOid;
  Oid index = InvalidOid;
  Oid referenced = InvalidOid;  // table of a foreign key
  Oid parent = InvalidOid;
  char on_delete = '\0';
  std::vector<AttrNumber> columns;
  std::vector<AttrNumber> referenced_columns;
  bool on(AttrNumber column) const {
    return std::find(columns.begin(), columns.end(), column) != columns.end();
  }
};

// Returns the constraints of the table.
std::vector<ConstraintFacts> constraints_of(Oid table);

// Returns the foreign keys of other tables, and of itself, that reference the table.
std::vector<ConstraintFacts> keys_to(Oid table);

// Returns one constraint; oid is InvalidOid when it is gone.
ConstraintFacts constraint_facts(Oid constraint);

// Returns true when valid CHECK constraints of the table say that the column is not null.
bool proves_not_null(Oid table, AttrNumber column);

// Returns true when valid CHECK constraints and NOT NULL prove the conditions, which are over the
// table as varno 1.
bool checks_prove(Oid table, List* conditions);

// Returns the size of the relation's main fork and that of its TOAST table on disk; 0 when it has
// no storage, -1 when it cannot be told. Files grow before rows are written, so 0 is: no rows.
int64_t disk_bytes(Oid relation);

// Returns true when this transaction made the relation.
bool made_here(Oid relation);

}  // namespace strata::pg
