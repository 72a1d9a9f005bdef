// Owns: the rows of a new proposal (see new_proposal.hpp).
#include "guard/new_proposal.hpp"

namespace strata::guard {

int64_t write_proposal(const NewProposal& proposal) {
  std::vector<Proposed> proposed;
  for (const NewStatement& statement : proposal.statements)
    proposed.push_back(statement.proposed);
  pg::Spi spi;
  const auto rows = spi.query(
      "INSERT INTO strata.proposal (base, title, ddl, rationale, rollback_plan, success_criteria, "
      "ticket, author, author_name, proposed_at, risk, demanded, digest) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, pg_catalog.clock_timestamp(), $10, $11, "
      "pg_catalog.decode($12, 'hex')) "
      "RETURNING proposal_id",
      {pg::SqlArg::name(proposal.base), pg::SqlArg::text(proposal.title),
       pg::SqlArg::text(proposal.ddl), pg::SqlArg::text_or_null(proposal.rationale),
       pg::SqlArg::text_or_null(proposal.rollback_plan),
       pg::SqlArg::text_or_null(proposal.success_criteria),
       pg::SqlArg::text_or_null(proposal.ticket), pg::SqlArg::oid(proposal.author),
       pg::SqlArg::name(proposal.author_name), pg::SqlArg::text(model::name(proposal.risk)),
       pg::SqlArg::boolean(proposal.demanded),
       pg::SqlArg::text(digest(proposal.base, proposal.ddl, proposed))});
  const int64_t id = std::stoll(*rows[0][0]);
  for (const NewStatement& statement : proposal.statements)
    spi.run(
        "INSERT INTO strata.proposal_statement (proposal_id, statement_no, command, statement, "
        "search_path, path_bound, names, fingerprint, risk, hazards, counts) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, pg_catalog.decode($8, 'hex'), $9, $10, $11)",
        {pg::SqlArg::int8(id), pg::SqlArg::int4(statement.proposed.number),
         pg::SqlArg::text(statement.proposed.command), pg::SqlArg::text(statement.proposed.text),
         pg::SqlArg::text(statement.proposed.search_path),
         pg::SqlArg::boolean(statement.proposed.path_bound),
         pg::SqlArg::texts(statement.proposed.names),
         pg::SqlArg::text(statement.proposed.fingerprint),
         pg::SqlArg::text(model::name(statement.risk)), pg::SqlArg::texts(statement.hazards),
         pg::SqlArg::boolean(statement.counts)});
  return id;
}

}  // namespace strata::guard
