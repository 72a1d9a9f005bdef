// Owns: the order of the DDL path. Everything it calls is one step of it, in a file of that name.
#include "upkeep/ddl_path.hpp"

#include "catalog/base_columns.hpp"
#include "catalog/registry.hpp"
#include "ddl/base_of.hpp"
#include "ddl/closure.hpp"
#include "ddl/statement.hpp"
#include "pg/lock.hpp"
#include "pg/names.hpp"
#include "pg/session.hpp"
#include "settings.hpp"
#include "upkeep/adopt.hpp"
#include "upkeep/domains.hpp"
#include "upkeep/drops.hpp"
#include "upkeep/insertability.hpp"
#include "upkeep/lock_order.hpp"
#include "upkeep/owners.hpp"
#include "upkeep/protect.hpp"
#include "upkeep/rename.hpp"
#include "upkeep/retype.hpp"
#include "upkeep/row_security.hpp"
#include "upkeep/swap.hpp"

extern "C" {
#include "utils/memutils.h"
}

namespace strata::upkeep {

// What before() leaves for after(). Lives in a memory context below the statement's, so that an
// error that jumps over us frees it too.
class Step {
 public:
  MemoryContext context = nullptr;
  ddl::Statement statement;
  InsertCheck inserts;
  Reattachment reattachment;
  VanishedName vanished;
  OwnerChange owners;
  int timeout_level = 0;
};

namespace {

// Returns false when the walk from what is dropped surely meets no version: tables and indexes that
// no version reads, under RESTRICT. Whatever else of theirs a version could use (the type of their
// rows) makes core refuse.
bool drops_may_meet(const ddl::Statement& statement) {
  return !statement.drops.empty() && (statement.cascade || !statement.drops_only_tables);
}

// Returns true when the statement meets a version, or might meet one that another session is
// publishing now; the usual answer is no.
bool meets_versions(const catalog::Registry& registry, const ddl::Statement& statement) {
  for (const ddl::TargetRelation& target : statement.relations)
    if (!registry.views_of(target.relation).empty() || registry.view(target.relation) ||
        registry.base_schema(pg::relation_schema(target.relation)))
      return true;
  if (statement.changes_owner && registry.base_schema(pg::schema_oid(statement.schema)) != nullptr)
    return true;
  return OidIsValid(statement.altered_domain) || drops_may_meet(statement) ||
         !statement.altered_types.empty() || !statement.renamed_schema.empty() ||
         (statement.makes_name && names_are_missing(registry));
}

// Says which schema the statement is about, so that it is kept when it is refused or fails. LOCK
// changes nothing; clients that try it with NOWAIT would fill the record.
void name_base(guard::Attempt* attempt, const catalog::BaseSchema* base, Node* tree) {
  if (base == nullptr) return;
  guard::set_base(*attempt, base->oid, base->name);
  attempt->failures = !IsA(tree, LockStmt);
}

// Everything that can refuse, before any lock is taken.
ddl::Closure refuse(const catalog::Registry& registry, const ddl::Statement& statement, Node* tree,
                    guard::Attempt* attempt) {
  refuse_version_targets(registry, statement, tree);
  ddl::Closure closure = ddl::drop_closure(registry, statement.drops, statement.cascade);
  for (const ddl::Hit& hit : closure.hits)
    if (!OidIsValid(attempt->base)) name_base(attempt, ddl::base_of(registry, hit), tree);
  refuse_drops(registry, statement, closure.hits);
  refuse_altered_types(registry, statement);
  refuse_retypes(registry, statement);
  refuse_inserts(registry, statement, tree);
  refuse_domain(statement, tree);
  refuse_row_security(registry, statement, tree);
  return closure;
}

}  // namespace

Step* before(PlannedStmt** planned, bool* skip, QueryCompletion* completion,
             guard::Attempt* attempt, const Admit& admit) {
  Node* const tree = (*planned)->utilityStmt;
  name_base(attempt, ddl::base_named_in(catalog::registry(), tree), tree);
  // Where the walk of a drop found nothing, the net in object_access_hook may.
  attempt->watched = OidIsValid(attempt->base) || IsA(tree, DropStmt) || IsA(tree, DropOwnedStmt);
  pg::LockDeadline deadline;
  std::optional<ddl::Statement> statement;
  std::vector<ddl::Hit> hits;
  std::optional<LockPlan> held;
  // What is read without locks holds only if nobody committed a change meanwhile. So look again
  // after waiting: names may mean other relations, columns have other types, versions have come or
  // gone. Then either the same locks are wanted and what was read under them stands, or they are
  // given back, because taking more now would break their order.
  for (bool settled = false; !settled;) {
    const uint64_t changes = pg::catalog_changes();
    statement = ddl::describe(tree);
    const bool meets = statement && meets_versions(catalog::registry(), *statement);
    if (meets && !OidIsValid(attempt->base))
      name_base(attempt, ddl::base_of(catalog::registry(), *statement), tree);
    attempt->watched = attempt->watched || meets;
    // Without the right to run it, core says so, and no lock was taken for it.
    if (!meets || !may_run(*statement)) {
      if (held) held->give_back();
      admit();
      return nullptr;
    }
    const ddl::Closure closure = refuse(catalog::registry(), *statement, tree, attempt);
    deadline.no_later_than(admit());
    hits = closure.hits;
    for (const Oid relation : closure.relations)
      statement->relations.push_back({relation, AccessExclusiveLock, nullptr});
    const LockPlan wanted(catalog::registry(), *statement);
    if (held == wanted) break;
    if (held) held->give_back();
    wanted.take(deadline);
    held = wanted;
    settled = pg::catalog_changes() == changes;
  }

  *skip = adopt_types(planned, *statement, hits);
  if (*skip) {
    if (completion != nullptr) SetQueryCompletion(completion, CreateCommandTag(tree), 0);
    return nullptr;
  }
  const std::vector<ddl::Hit> all = hits;  // what was adopted does not go
  std::erase_if(hits, [&](const ddl::Hit& hit) { return adoptable(*statement, all, hit); });
  MemoryContext const context = pg::make_context("pg_strata statement");
  Step* step = pg::make_in<Step>(context);
  step->context = context;
  step->statement = std::move(*statement);
  step->vanished = VanishedName(step->statement);
  step->owners = OwnerChange(step->statement);
  step->inserts = InsertCheck(catalog::registry(), step->statement);
  follow_drops(hits);
  forget_dropped_columns(step->statement, hits);
  follow_altered_types(step->statement);
  step->reattachment = Reattachment(catalog::registry(), step->statement);
  if (!step->statement.in_pieces) step->timeout_level = deadline.begin_rest();
  return step;
}

void after(Step* step) {
  pg::LockDeadline::end_rest(step->timeout_level);
  step->reattachment.finish();
  follow_renames(step->statement);
  forget_drops(step->statement);
  step->owners.follow();
  step->vanished.remember();
  if (step->statement.makes_name) repoint_to_new_names();
  step->inserts.finish();
  if (mode() != Mode::kRecord) check_fills(step->statement);
  MemoryContextDelete(step->context);
}

}  // namespace strata::upkeep
