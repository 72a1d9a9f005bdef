// Owns: reading proposals and judging their state (see proposal_rows.hpp).
#include "guard/proposal_rows.hpp"

#include "guard/parse.hpp"
#include "guard/policies.hpp"
#include "pg/function.hpp"
#include "pg/owner_spi.hpp"
#include "pg/session.hpp"

namespace strata::guard {
namespace {

bool is_true(const std::optional<std::string>& cell) {
  return cell == "t";
}

void read_statements(pg::Spi& spi, ProposalRow& proposal) {
  for (const pg::SqlRow& row : spi.query_now(
           "SELECT s.statement_no, s.command, s.statement, s.search_path, s.path_bound, "
           "pg_catalog.encode(s.fingerprint, 'hex'), coalesce((SELECT "
           "pg_catalog.encode(h.fingerprint, 'hex') FROM strata.proposal_shape AS h "
           "WHERE h.proposal_id = s.proposal_id AND h.statement_no = s.statement_no "
           "ORDER BY h.shape_id DESC LIMIT 1), pg_catalog.encode(s.fingerprint, 'hex')), s.counts, "
           "EXISTS (SELECT FROM strata.proposal_use AS u WHERE u.proposal_id = s.proposal_id "
           "AND u.statement_no = s.statement_no) FROM strata.proposal_statement AS s "
           "WHERE s.proposal_id = $1 ORDER BY s.statement_no",
           {pg::SqlArg::int8(proposal.id)})) {
    StoredStatement statement;
    statement.number = std::stoi(*row[0]);
    statement.command = *row[1];
    statement.text = *row[2];
    statement.search_path = *row[3];
    statement.path_bound = is_true(row[4]);
    statement.fingerprint = *row[5];
    statement.shape = *row[6];
    statement.utility = !statement.fingerprint.empty();
    statement.counts = is_true(row[7]);
    statement.used = is_true(row[8]);
    proposal.statements.push_back(std::move(statement));
  }
  for (const pg::SqlRow& row : spi.query_now(
           "SELECT s.statement_no, n.name FROM strata.proposal_statement AS s "
           "CROSS JOIN LATERAL pg_catalog.unnest(s.names) WITH ORDINALITY AS n (name, place) "
           "WHERE s.proposal_id = $1 ORDER BY s.statement_no, n.place",
           {pg::SqlArg::int8(proposal.id)}))
    for (StoredStatement& statement : proposal.statements)
      if (statement.number == std::stoi(*row[0])) statement.names.push_back(row[1].value_or(""));
}

void read_approvals(pg::Spi& spi, ProposalRow& proposal) {
  for (const pg::SqlRow& row :
       spi.query_now("SELECT v.approved_at + interval '7 days' <= pg_catalog.clock_timestamp() "
                     "FROM strata.proposal_approval AS v WHERE v.proposal_id = $1 "
                     "AND v.digest = pg_catalog.decode($2, 'hex') ORDER BY v.approved_at",
                     {pg::SqlArg::int8(proposal.id), pg::SqlArg::text(proposal.digest)}))
    proposal.approval_lapsed.push_back(is_true(row[0]));
  proposal.approvals = static_cast<int>(proposal.approval_lapsed.size());
}

// Returns false when the rows are not what was proposed.
bool is_whole(const ProposalRow& proposal) {
  const std::vector<Proposed> statements(proposal.statements.begin(), proposal.statements.end());
  return digest(proposal.base, proposal.ddl, statements) == proposal.digest;
}

}  // namespace

const StoredStatement* ProposalRow::statement(int32_t number) const {
  for (const StoredStatement& found : statements)
    if (found.number == number) return &found;
  return nullptr;
}

std::optional<ProposalRow> proposal_with(int64_t id) {
  pg::OwnerSpi spi;
  const auto rows = spi.query_now(
      "SELECT p.base, p.risk, p.demanded, pg_catalog.encode(p.digest, 'hex'), p.author::oid, "
      "p.author_name, p.closed, p.proposed_at + interval '7 days' <= pg_catalog.clock_timestamp(), "
      "p.ddl "
      "FROM strata.proposal AS p WHERE p.proposal_id = $1",
      {pg::SqlArg::int8(id)});
  if (rows.empty()) return std::nullopt;
  const pg::SqlRow& row = rows[0];
  ProposalRow out;
  out.id = id;
  out.base = *row[0];
  out.risk = model::risk_named(*row[1]).value_or(model::Risk::Critical);
  out.demanded = is_true(row[2]);
  out.digest = *row[3];
  out.author = pg::to_oid(row[4]);
  out.author_name = *row[5];
  out.closed = row[6].value_or("");
  out.lapsed = is_true(row[7]);
  out.ddl = *row[8];
  read_statements(spi, out);
  read_approvals(spi, out);
  return out;
}

std::vector<Candidate> candidates(const std::string& base, const std::string& command,
                                  const Canonical& statement, const std::string& path) {
  pg::OwnerSpi spi;
  std::vector<Candidate> out;
  for (const pg::SqlRow& row : spi.query_now(
           "SELECT s.proposal_id, s.statement_no, s.statement FROM strata.proposal AS p "
           "JOIN strata.proposal_statement AS s ON s.proposal_id = p.proposal_id WHERE p.base = $1 "
           "AND p.proposed_at > pg_catalog.clock_timestamp() - pg_catalog.make_interval(days => "
           "$2) "
           "AND s.command = $3 AND s.names = $4 AND s.path_bound = $5 "
           "AND (NOT s.path_bound OR s.search_path = $6) "
           "ORDER BY s.proposal_id DESC, s.statement_no",
           {pg::SqlArg::name(base), pg::SqlArg::int4(kLongestDays), pg::SqlArg::text(command),
            pg::SqlArg::texts(statement.names), pg::SqlArg::boolean(statement.path_bound),
            pg::SqlArg::text(path)}))
    out.push_back({std::stoll(*row[0]), std::stoi(*row[1]), *row[2]});
  return out;
}

int needed(const ProposalRow& proposal, model::Risk risk) {
  return rules().needed(proposal.base, std::max(proposal.risk, risk), proposal.demanded);
}

int needed(const ProposalRow& proposal, model::Risk risk, const std::vector<std::string>& touched) {
  const model::Risk worst = std::max(proposal.risk, risk);
  int most = needed(proposal, risk);
  if (touched.empty()) most = std::max(most, rules().needed("", worst, proposal.demanded));
  for (const std::string& base : touched)
    most = std::max(most, rules().needed(base, worst, proposal.demanded));
  return most;
}

std::string state_of(const ProposalRow& proposal, int needed) {
  if (!proposal.closed.empty()) return proposal.closed;
  const auto enough = static_cast<size_t>(needed);
  const bool approved = proposal.approval_lapsed.size() >= enough;
  if (approved && enough > 0 ? proposal.approval_lapsed[enough - 1] : proposal.lapsed)
    return "expired";
  if (!is_whole(proposal)) return "stale";
  return approved ? "approved" : "proposed";
}

std::string fingerprint_now(const StoredStatement& statement, Shapes& shapes) {
  const pg::ActAs owner(pg::extension_owner());
  std::optional<Canonical> meant;
  {
    const pg::PinnedSearchPath path(statement.search_path);
    const std::vector<Statement> parsed = parse(statement.text);
    if (parsed.size() != 1) return {};
    meant = canonical(parsed[0].tree);
  }
  if (meant->names != statement.names) return {};
  const pg::PinnedSearchPath path;
  return shapes.fingerprint(*meant);
}

bool is_fresh(const StoredStatement& statement, Shapes& shapes) {
  return fingerprint_now(statement, shapes) == statement.shape;
}

bool is_stale(const ProposalRow& proposal) {
  if (!is_whole(proposal)) return true;
  Shapes shapes;
  return std::any_of(proposal.statements.begin(), proposal.statements.end(),
                     [&](const StoredStatement& statement) {
                       return statement.utility && !statement.used && !is_fresh(statement, shapes);
                     });
}

// For the view. No such proposal: NULL, as for any other question about it.
STRATA_FUNCTION(approvals_needed) {
  const auto proposal = proposal_with(args.int8(0));
  if (proposal) return Int32GetDatum(needed(*proposal, proposal->risk));
  args.info()->isnull = true;
  return args.none();
}

STRATA_FUNCTION(proposal_stale) {
  const auto proposal = proposal_with(args.int8(0));
  if (proposal) return BoolGetDatum(is_stale(*proposal));
  args.info()->isnull = true;
  return args.none();
}

}  // namespace strata::guard
