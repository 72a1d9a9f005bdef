// Facts about relations: resolving names, attributes, inheritors, owners.
#pragma once

#include "pg/guard.hpp"

extern "C" {
#include "storage/lockdefs.h"
}

namespace strata::pg {

struct Attribute {
  std::string name;
  Oid type = InvalidOid;
  int32_t typmod = -1;
  Oid collation = InvalidOid;
  bool not_null = false;
  bool filled = false;  // left out, it gets a value: default, identity, generated, domain default
  bool omissible = false;  // an INSERT may leave it out: nullable or filled
};

// What a type does to a column that an INSERT leaves out.
struct TypeFacts {
  bool fills = false;         // a domain with a default
  bool refuses_null = false;  // a domain that is, or stands on one that is, NOT NULL
};
TypeFacts type_facts(Oid type);

// Returns the relation a RangeVar names now, without locking it; InvalidOid when there is none.
Oid resolve(const RangeVar* name);

// Returns true when the current user may issue owner's DDL on the relation.
bool owns_relation(Oid relation);

// Returns true when the current user has any of the privileges on the relation.
bool has_privilege(Oid relation, AclMode any_of);

// Returns true when the current user owns the schema the relation is in.
bool owns_schema_of(Oid relation);

// Returns pg_class.relkind, or 0 when the relation is gone.
char relation_kind(Oid relation);

// Returns the relation and everything that inherits from it, partitions included, without locking.
std::vector<Oid> with_inheritors(Oid relation);

// Returns the relations that lose the column when it is dropped from `relation` with its
// inheritors: those that have it from nowhere else (tablecmds.c, ATExecDropColumn).
std::vector<Oid> losing_column(Oid relation, const std::string& column);

// Returns true when the current user has the rights of the role.
bool acts_for(Oid role);

// Returns true when row security is enabled for the relation.
bool has_row_security(Oid relation);

// Returns true for what a version reads as a table: tables, foreign tables and materialized views.
bool is_table_kind(char kind);

// Returns the tables that TRUNCATE ... CASCADE of `relations` empties as well.
std::vector<Oid> truncated_along(const std::vector<Oid>& relations);

// Returns the OID of the relation's constraint of that name; InvalidOid when there is none.
Oid constraint_oid(Oid relation, const char* name);

// Returns true when `member` has the rights of `role`.
bool has_rights_of(Oid member, Oid role);

// Returns the relation's owner; InvalidOid when it is gone.
Oid relation_owner(Oid relation);

namespace raw {
// Raise-kind form of the same.
Oid relation_owner(Oid relation);
}  // namespace raw

// Returns true when the relation is a partition.
bool is_partition(Oid relation);

// Returns the table a partition belongs to.
Oid parent_of(Oid partition);

// Returns the table an index is on; InvalidOid when it is gone.
Oid table_of_index(Oid index);

// Returns the tables that foreign keys of `relation` reference, or only the one named `constraint`.
std::vector<Oid> referenced_by(Oid relation, const char* constraint);

// Returns the live user columns by attribute number.
std::map<AttrNumber, Attribute> attributes(Oid relation);

// Returns 0 when there is no such live column.
AttrNumber attribute_number(Oid relation, const std::string& column);

// Returns the column's name; empty when it is gone.
std::string attribute_name(Oid relation, AttrNumber attnum);

// Returns true when column `attnum` of a view has a default of its own.
bool has_default(Oid relation, AttrNumber attnum);

// Returns true when the view has security_invoker; false when it is gone.
bool runs_as_caller(Oid view);

}  // namespace strata::pg
