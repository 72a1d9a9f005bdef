// The safer way to do what a statement does, as SQL with the statement's own names.
#pragma once

#include "ddl/statement_text.hpp"
#include "model/facts.hpp"
#include "model/hazard.hpp"

namespace strata::ddl {

// Returns statements to run instead, one per line, with comments where something has to be decided
// or waited for; empty when there is nothing better to do than what the statement does.
std::string safer_path(Node* tree, const StatementText& text, const model::StatementFacts& facts,
                       const model::HazardSet& hazards);

// The same for one subcommand of ALTER TABLE (safer_alter_table.cpp); empty when it has none of its
// own.
std::string safer_alter_table(const AlterTableStmt* stmt, const StatementText& text,
                              const model::StatementFacts& facts);

// Returns the relation's name as SQL, with its schema where it has been given one.
std::string sql_name(const RangeVar* name);

}  // namespace strata::ddl
