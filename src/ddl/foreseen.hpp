// What earlier statements of a text would have made, renamed or dropped by the time a later one
// runs: nothing of it is in the catalogs, because nothing ran.
//
// Scope: one call of strata.assess. Names are kept as the catalogs would keep them; strata.assess
// applies an earlier SET search_path.
#pragma once

#include "pg/guard.hpp"

namespace strata::ddl {

class Foreseen {
 public:
  // Notes what the statement makes, renames and drops.
  void add(Node* tree);

  // Returns true when the name means something that an earlier statement makes.
  bool makes(const RangeVar* name) const;
  bool makes_schema(const std::string& name) const { return schemas_.count(name) > 0; }

  // Returns the relation an earlier statement gave this name; InvalidOid when none did.
  Oid renamed_to(const RangeVar* name) const;

  // Returns true when an earlier statement drops or renames what has the name now.
  bool takes_away(Oid relation) const { return gone_.count(relation) > 0; }

  // Returns true when an earlier statement renames columns of the relation.
  bool renames_columns_of(Oid relation) const;

  // Returns the name that the catalogs have for what is called `column` by then; a name that no
  // column has when that is none.
  std::string known_column(Oid relation, const std::string& column) const;

  // Returns the constraint of that name that an earlier statement adds; null when none does.
  const Constraint* constraint(Oid relation, const std::string& name) const;

  // Returns true when a CHECK that earlier statements add and validate says so.
  bool proves_not_null(Oid relation, const std::string& column) const {
    return proven_.count({relation, column}) > 0;
  }

  // Returns the qualified name as a later statement would mean it.
  static std::string qualified(const RangeVar* name);

 private:
  void add_relation(const RangeVar* name);

  // Notes a name unless something has it: then IF NOT EXISTS makes nothing.
  void make(const std::string& schema, const std::string& name);
  void drop_relation(const RangeVar* name);
  void rename_relation(const RangeVar* from, const std::string& schema, const std::string& to);
  void add_statement(Node* tree);
  void alter_table(AlterTableStmt* stmt);
  void rename_column(const RenameStmt* stmt);
  Oid find(const RangeVar* name) const;

  std::set<std::string> made_;             // qualified
  std::map<std::string, Oid> renamed_;     // qualified new name -> relation
  std::map<Oid, std::string> new_schema_;  // SET SCHEMA
  std::set<std::string> schemas_;
  std::map<std::pair<Oid, std::string>, std::string> columns_;  // new name -> known name
  std::map<std::pair<Oid, std::string>, const Constraint*> constraints_;
  std::set<std::pair<Oid, std::string>> proven_;  // columns that are not null
  std::set<Oid> gone_;                            // relations that no longer have their name
};

}  // namespace strata::ddl
