// strata.propose: statements, read and looked up once, and stored with what they mean.
#include "ddl/facts.hpp"
#include "ddl/retire_call.hpp"
#include "guard/digest.hpp"
#include "guard/judgement.hpp"
#include "guard/new_proposal.hpp"
#include "guard/parse.hpp"
#include "guard/rights.hpp"
#include "pg/function.hpp"
#include "pg/names.hpp"
#include "pg/session.hpp"
#include "provenance/call.hpp"
#include "version/rights.hpp"

namespace strata::guard {
namespace {

// A statement, and what is said about it beside the digest.
struct Draft {
  Proposed proposed;
  Judgement judgement;
  bool utility = false;
  bool demanded = false;  // a policy asks for approval
};

// Raises for what approval cannot be bound to: code whose statements come only when it runs, and a
// change of what the names after it mean.
void refuse_unbound(const Statement& statement) {
  switch (nodeTag(statement.tree)) {
    case T_DoStmt:
    case T_CallStmt:
    case T_ExecuteStmt:
    case T_PrepareStmt:
      throw Error(ERRCODE_FEATURE_NOT_SUPPORTED,
                  fmt::format("cannot propose {}", command(statement.tree)),
                  "What it runs is known only when it runs.",
                  "Propose the statements that it runs: they are matched when they arrive, whoever "
                  "sends them.");
    case T_VariableSetStmt: {
      const char* setting = reinterpret_cast<VariableSetStmt*>(statement.tree)->name;
      if (setting == nullptr || strcmp(setting, "search_path") != 0) return;
      throw Error(ERRCODE_FEATURE_NOT_SUPPORTED, "cannot propose a change of search_path",
                  "Names in a proposal mean what they mean to the session that proposes it.",
                  "Name the schemas, or set search_path before strata.propose().");
    }
    default:
      return;
  }
}

// An approval counts in the base schema that it was asked for.
void refuse_other_base(const Draft& draft, const std::string& base) {
  const std::vector<std::string>& touched = draft.judgement.bases;
  if (touched.empty() || std::find(touched.begin(), touched.end(), base) != touched.end()) return;
  throw Error(
      ERRCODE_INVALID_PARAMETER_VALUE,
      fmt::format("statement {} is not about base schema \"{}\"", draft.proposed.number, base),
      fmt::format("It touches base schema \"{}\".", touched.front()),
      "Propose it for the base schema that it touches.");
}

// Who approves must see whom it is about.
void refuse_by_session(const Canonical& statement, const std::string& command) {
  if (!statement.by_session) return;
  throw Error(
      ERRCODE_FEATURE_NOT_SUPPORTED,
      fmt::format("cannot propose {} for the role that runs it", command),
      "CURRENT_USER, SESSION_USER and ALTER DEFAULT PRIVILEGES without FOR ROLE mean another "
      "role in another session.",
      "Name the role.");
}

// Who approves must see what goes.
void refuse_unknown_version(const Statement& statement, const Canonical& meant) {
  ddl::RetireCall call;
  if (!ddl::read_retire_call(statement.tree, &call) || !meant.objects.empty()) return;
  throw Error(sqlstate::kNotTracked,
              fmt::format("there is no live version \"{}\" of {}", call.version, call.base),
              "It was never published, or it is retired already.",
              "SELECT base, version, state FROM strata.versions;");
}

// What others see as a proposal is the text, so it is read and stored as one statement each.
std::vector<Draft> read(const std::string& ddl, const std::string& base) {
  std::vector<Draft> out;
  const std::string path = effective_path();
  ddl::Foreseen foreseen;
  for (const Statement& statement : parse(ddl)) {
    refuse_unbound(statement);
    Draft draft;
    draft.utility = statement.utility;
    draft.proposed.number = static_cast<int32_t>(out.size()) + 1;
    draft.proposed.command = command(statement.tree);
    draft.proposed.text = statement.text;
    draft.proposed.search_path = path;
    if (statement.utility) {
      draft.judgement = judge(ddl::facts_of(statement.tree, &foreseen));
      draft.demanded = model::needs_approval(draft.judgement.action);
      // A setting that nobody guards is no DDL.
      draft.utility = draft.demanded || !IsA(statement.tree, VariableSetStmt);
    }
    if (draft.utility) {
      const Canonical meant = canonical(statement.tree);
      refuse_by_session(meant, draft.proposed.command);
      refuse_unknown_version(statement, meant);
      draft.proposed.names = meant.names;
      draft.proposed.path_bound = meant.path_bound;
      refuse_other_base(draft, base);
      foreseen.add(statement.tree);
      const pg::ActAs owner(pg::extension_owner());
      const pg::PinnedSearchPath pinned;
      draft.proposed.fingerprint = Shapes().fingerprint(meant);
    }
    out.push_back(std::move(draft));
  }
  if (std::none_of(out.begin(), out.end(), [](const Draft& draft) { return draft.utility; }))
    throw Error(
        ERRCODE_INVALID_PARAMETER_VALUE, "there is no DDL statement to propose",
        "Queries and settings are not stopped by the guard, so nobody has to approve them.");
  return out;
}

}  // namespace

STRATA_CHANGE(propose) {
  args.require(0, "title");
  args.require(1, "ddl");
  args.require(2, "base");
  const std::string base = version::require_tracked(args.oid(2)).name;
  NewProposal proposal;
  proposal.base = base;
  proposal.title = args.text(0);
  proposal.ddl = args.text(1);
  proposal.rationale = args.optional_text(3);
  proposal.rollback_plan = args.optional_text(4);
  proposal.success_criteria = args.optional_text(5);
  proposal.ticket = args.optional_text(6);
  proposal.author = session_role();
  proposal.author_name = session_role_name();
  const std::vector<Draft> drafts = read(proposal.ddl, base);
  for (const Draft& draft : drafts) {
    proposal.risk = std::max(proposal.risk, draft.judgement.risk);
    proposal.demanded = proposal.demanded || draft.demanded;
  }
  // Where some statements need approval, the proposal is done when those have run.
  for (const Draft& draft : drafts)
    proposal.statements.push_back({draft.proposed, draft.judgement.risk,
                                   model::names(draft.judgement.hazards),
                                   draft.utility && (draft.demanded || !proposal.demanded)});
  const pg::ActAs owner(pg::extension_owner());
  const pg::PinnedSearchPath path;
  return Int64GetDatum(write_proposal(proposal));
}

}  // namespace strata::guard
