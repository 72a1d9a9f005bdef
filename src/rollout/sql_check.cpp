// Owns: the running of users' queries (see sql_check.hpp).
#include "rollout/sql_check.hpp"

#include "guard/parse.hpp"
#include "pg/clock.hpp"
#include "pg/first_rows.hpp"
#include "pg/session.hpp"

namespace strata::rollout {
namespace {

Answer read(const std::vector<pg::SqlRow>& rows) {
  if (rows.size() > 1)
    return {std::nullopt, "The query returned more than one row, not one boolean.", true};
  if (rows.empty() || rows[0].size() != 1)
    return {std::nullopt,
            fmt::format("The query returned {} rows of {} columns, not one boolean.", rows.size(),
                        rows.empty() ? 0 : rows[0].size()),
            true};
  if (!rows[0][0]) return {std::nullopt, "The query said neither true nor false, but NULL."};
  if (*rows[0][0] == "t") return {true, {}};
  if (*rows[0][0] == "f") return {false, {}};
  return {std::nullopt, "The query returned no boolean.", true};
}

}  // namespace

void require_query(const std::string& sql) {
  const std::vector<guard::Statement> statements = guard::parse(sql);
  if (statements.size() == 1 && IsA(statements[0].tree, SelectStmt)) return;
  throw Error(ERRCODE_INVALID_PARAMETER_VALUE, "an sql check is one query",
              "It has one row with one column: true, false, or NULL where it cannot say.");
}

Answer ask(const model::RolloutCheck& check, Oid role) {
  if (!OidIsValid(role)) return {std::nullopt, "The role that started the rollout is gone."};
  const pg::Subtransaction rolled_back(pg::Subtransaction::ReadOnly{});
  try {
    const pg::ActAs starter(role, pg::ActAs::Restricted{});
    const pg::PinnedSearchPath path;
    const pg::TimeLimit limit(check.timeout);
    pg::Spi spi;
    // Two are one too many, and as many as are needed to know it.
    return read(pg::first_rows_now(spi, check.sql, 2));
  } catch (const Error& error) {
    return {std::nullopt, fmt::format("The query failed: {}.", error.message()), true};
  }
}

}  // namespace strata::rollout
