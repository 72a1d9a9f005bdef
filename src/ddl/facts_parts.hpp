// The readers of the families of statements (facts_*.cpp), and what they share.
#pragma once

#include "ddl/facts_builder.hpp"

namespace strata::ddl {

// Of ALTER TABLE (facts_alter_table.cpp) and the subcommands that are more than a switch's branch.
void alter_table_facts(FactsBuilder& out, AlterTableStmt* stmt);
void add_column_facts(FactsBuilder& out, Oid table, bool inheritors, const ColumnDef* definition,
                      bool if_not_exists);
void retype_facts(FactsBuilder& out, Oid table, bool inheritors, const AlterTableCmd* command);
void add_constraint_facts(FactsBuilder& out, Oid table, bool inheritors, Constraint* constraint);
void constraint_command_facts(FactsBuilder& out, Oid table, bool inheritors,
                              const AlterTableCmd* command);
void identity_facts(FactsBuilder& out, Oid table, const AlterTableCmd* command);
void storage_facts(FactsBuilder& out, Oid table, const AlterTableCmd* command);
void guard_facts(FactsBuilder& out, Oid table, const AlterTableCmd* command);
void partition_facts(FactsBuilder& out, Oid table, const AlterTableCmd* command);

// Adds what CREATE TABLE ... PARTITION OF does to the parent and its default partition.
void partition_of_facts(FactsBuilder& out, Oid parent, bool is_default);
void composite_type_facts(FactsBuilder& out, AlterTableStmt* stmt);

// Of the other families; each returns false for a node that is not of its family.
bool index_facts_of(FactsBuilder& out, Node* tree);
bool drop_facts(FactsBuilder& out, Node* tree);
bool rename_facts(FactsBuilder& out, Node* tree);
bool maintenance_facts(FactsBuilder& out, Node* tree);
bool create_facts(FactsBuilder& out, Node* tree);
bool type_facts_of(FactsBuilder& out, Node* tree);
bool code_facts(FactsBuilder& out, Node* tree);
bool privilege_facts(FactsBuilder& out, Node* tree);
bool database_facts(FactsBuilder& out, Node* tree);
bool replication_facts(FactsBuilder& out, Node* tree);
bool wrapper_facts(FactsBuilder& out, Node* tree);

// Adds the closure of dropping the objects: what goes, its locks, and what that breaks.
void add_drops(FactsBuilder& out, const std::vector<pg::Object>& roots, bool cascade);

// Adds the schemas of the tables that a publication names.
void in_published_schemas(FactsBuilder& out, const char* publication);

// Adds the facts of a statement, of whatever family.
void add_facts(FactsBuilder& out, Node* tree);

// Returns true when the statement makes somebody an approver or a breaker of glass, or lets
// somebody act as one.
bool changes_guardians(Node* tree);

// Adds one object that goes, without what goes along.
void add_removed(FactsBuilder& out, const pg::Object& object);

// Adds a foreign key from the table to another one: its lock, and the scan when rows are checked.
void add_foreign_key(FactsBuilder& out, Oid table, const Constraint* key, bool checks_rows);

}  // namespace strata::ddl
