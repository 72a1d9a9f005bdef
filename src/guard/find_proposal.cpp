// strata.find_proposal: what the guard would find for statements, before they run.
#include "ddl/facts.hpp"
#include "guard/judgement.hpp"
#include "guard/parse.hpp"
#include "guard/proposals.hpp"
#include "pg/function.hpp"
#include "version/rights.hpp"

namespace strata::guard {

STRATA_FUNCTION(find_proposal) {
  const std::string base = version::require_tracked(args.oid(1)).name;
  pg::ResultSet result(args);
  int number = 0;
  for (const Statement& statement : parse(args.text(0))) {
    number++;
    std::optional<NearMatch> near;
    std::optional<Match> match;
    if (statement.utility)
      match = matching_proposal(statement.tree, base, judge(ddl::facts_of(statement.tree)), &near);
    if (match)
      near = NearMatch{match->proposal, match->statement_no, "approved", match->approvals,
                       match->needed};
    std::vector<std::optional<std::string>> row = {std::to_string(number), command(statement.tree)};
    if (near)
      row.insert(row.end(),
                 {std::to_string(near->proposal), std::to_string(near->statement_no), near->state,
                  std::to_string(near->approvals), std::to_string(near->needed)});
    row.resize(7);
    result.add(row);
  }
  return args.none();
}

}  // namespace strata::guard
