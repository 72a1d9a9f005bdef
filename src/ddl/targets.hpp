// The relations a statement locks, as it names them or without naming them.
//
// Called while a parse tree is read (statement.cpp, alter_table.cpp, drop.cpp, rename.cpp).
#pragma once

#include "ddl/statement.hpp"

namespace strata::ddl {

// Adds the relation that the statement names, and those that inherit from it.
void add_relation(Statement& out, RangeVar* name, LOCKMODE mode, bool inheritors = false);

// Adds all relations of a list of names; inheritors of those that are named without ONLY.
void add_relations(Statement& out, List* names, LOCKMODE mode, bool inheritors);

// Adds a relation that the statement locks without naming it.
void add_unnamed(Statement& out, Oid relation, LOCKMODE mode);

// Adds the table that a constraint references, when it is a foreign key.
void add_referenced(Statement& out, const Node* constraint);

// The same for the constraints of a column, and for all of CREATE TABLE.
void add_referenced_by_column(Statement& out, const ColumnDef* column);
void add_referenced_by_table(Statement& out, const CreateStmt* stmt);

// Adds the tables that lose the triggers of foreign keys which go with `relation`, or with its
// constraint of that name.
void add_keys_of(Statement& out, Oid relation, const char* constraint);

// Adds the tables that TRUNCATE ... CASCADE empties along with those added so far, as far as the
// caller may: the server says so of others.
void add_truncated_along(Statement& out);

// Returns true for objects that are relations, which statements name as such.
bool is_relation_type(ObjectType type);

}  // namespace strata::ddl
