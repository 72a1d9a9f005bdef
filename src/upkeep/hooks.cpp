// Owns: the hooks of the DDL path and the gate in front of them. Scope: backend.
//
// The gate comes first and is cheap: a statement that is no DDL of ours costs a switch on its tag.
#include "upkeep/hooks.hpp"

#include "catalog/registry.hpp"
#include "ddl/statement.hpp"
#include "guard/admit.hpp"
#include "guard/attempts.hpp"
#include "pg/depend.hpp"
#include "pg/internal_ddl.hpp"
#include "provenance/chain.hpp"
#include "provenance/record.hpp"
#include "rewrite/copy.hpp"
#include "settings.hpp"
#include "upkeep/ddl_path.hpp"
#include "upkeep/protect.hpp"
#include "upkeep/restoring.hpp"
#include "upkeep/side_doors.hpp"

extern "C" {
#include "access/parallel.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/dependency.h"
#include "catalog/objectaccess.h"
#include "commands/extension.h"
#include "tcop/utility.h"
}

namespace strata::upkeep {
namespace {

ProcessUtility_hook_type next_utility = standard_ProcessUtility;
object_access_hook_type next_object_access = nullptr;

// Carries out a COPY into a version view, or makes one out of it into what the server can do.
// Returns true when the statement is done.
bool copied(PlannedStmt** planned, const char* text, QueryCompletion* completion) {
  if (!IsTransactionState() || !OidIsValid(MyDatabaseId) || !catalog::extension_exists())
    return false;
  const auto view = rewrite::copied_view((*planned)->utilityStmt);
  if (!view) return false;
  auto* statement = reinterpret_cast<CopyStmt*>((*planned)->utilityStmt);
  if (!statement->is_from) {
    auto* copy = pg::call([&] { return static_cast<PlannedStmt*>(copyObjectImpl(*planned)); });
    copy->utilityStmt = reinterpret_cast<Node*>(rewrite::copy_of_query(statement, *view));
    *planned = copy;
    return false;
  }
  const uint64_t count = rewrite::copy_from(*planned, *view, text);
  if (completion != nullptr) SetQueryCompletion(completion, CMDTAG_COPY, count);
  return true;
}

bool commits_prepared(const Node* tree) {
  return IsA(tree, TransactionStmt) &&
         reinterpret_cast<const TransactionStmt*>(tree)->kind == TRANS_STMT_COMMIT_PREPARED;
}

// Decides on the statement and prepares the versions for it. Returns what after() takes.
Step* prepare(PlannedStmt** planned, bool* skip, QueryCompletion* completion,
              guard::Attempt* attempt, guard::Admission** admission,
              provenance::Capture** capture) {
  Node* const tree = (*planned)->utilityStmt;
  const provenance::Start start = provenance::start();
  const pg::RememberedDependencies remembered;
  const Admit admit = [&]() -> int64_t {
    const bool decides = guards() && guard::concerns(tree);
    if (!decides && !provenance::concerns(tree)) return 0;
    if (*admission != nullptr) guard::discard(std::exchange(*admission, nullptr));
    *admission = decides ? guard::admit(tree, attempt) : guard::describe(tree, attempt);
    if (*admission == nullptr) {
      provenance::discard(std::exchange(*capture, nullptr));
      return 0;
    }
    provenance::begin(tree, **admission, capture);
    return guard::wait_until(*admission);
  };
  Step* step = nullptr;
  if (ddl::concerns(tree))
    step = before(planned, skip, completion, attempt, admit);
  else
    admit();
  if (*admission != nullptr) guard::use(*admission);
  provenance::locked(*capture, start);
  return step;
}

void utility(PlannedStmt* planned, const char* text, bool read_only_tree,
             ProcessUtilityContext context, ParamListInfo params, QueryEnvironment* environment,
             DestReceiver* destination, QueryCompletion* completion) {
  Step* step = nullptr;
  guard::Admission* admission = nullptr;
  provenance::Capture* capture = nullptr;
  bool skip = false;
  guard::Attempt attempt = guard::attempt_of(planned, text);
  if (context != PROCESS_UTILITY_SUBCOMMAND && protects(planned->utilityStmt))
    pg::enter([&] {
      if (!closed()) guard::noting(attempt, [&] { protect(planned->utilityStmt); });
    });
  if (context != PROCESS_UTILITY_SUBCOMMAND &&
      (ddl::concerns(planned->utilityStmt) || guard::concerns(planned->utilityStmt) ||
       provenance::concerns(planned->utilityStmt)))
    pg::enter([&] {
      if (closed() || !catalog::registry().in_use()) return;
      guard::noting(attempt, [&] {
        step = prepare(&planned, &skip, completion, &attempt, &admission, &capture);
      });
    });
  if (IsA(planned->utilityStmt, CopyStmt))
    pg::enter([&] {
      before_copy(reinterpret_cast<CopyStmt*>(planned->utilityStmt));
      skip = copied(&planned, text, completion);
    });
  if (is_restoring() && makes_way_for(planned->utilityStmt))
    pg::enter([&] { make_way(planned->utilityStmt); });
  const auto run = [&] {
    next_utility(planned, text, read_only_tree, context, params, environment, destination,
                 completion);
  };
  // Guarded only where an error may have to be kept: else nothing of ours is on the stack.
  if (!skip && attempt.watched)
    pg::enter([&] { guard::noting(attempt, [&] { pg::call(run); }); });
  else if (!skip)
    run();
  if (admission != nullptr) pg::enter([&] { guard::end(admission); });
  if (step != nullptr) pg::enter([&] { guard::noting(attempt, [&] { after(step); }); });
  if (capture != nullptr)
    pg::enter([&] { provenance::record(planned, attempt, *admission, capture); });
  if (admission != nullptr) pg::enter([&] { guard::settle(admission); });
  if (commits_prepared(planned->utilityStmt)) pg::enter([] { provenance::link_pending(); });
}

// Returns true where catalogs can be read and the extension is there and on.
bool may_look() {
  return mode() != Mode::kOff && !IsBinaryUpgrade && IsTransactionState() &&
         OidIsValid(MyDatabaseId) && !IsParallelWorker() && !RecoveryInProgress() &&
         catalog::extension_exists();
}

bool is_internal(const void* arg) {
  const auto* drop = static_cast<const ObjectAccessDrop*>(arg);
  return drop != nullptr && (drop->dropflags & PERFORM_DELETION_INTERNAL) != 0;
}

void object_access(ObjectAccessType access, Oid classid, Oid object, int subid, void* arg) {
  if (next_object_access) next_object_access(access, classid, object, subid, arg);
  const bool changes = access == OAT_POST_CREATE || access == OAT_POST_ALTER;
  if (access != OAT_DROP && access != OAT_TRUNCATE && !(changes && provenance::recording())) return;
  pg::enter([&] {
    if (!may_look()) return;
    // Also what our own DDL touches.
    if (access == OAT_POST_CREATE) return provenance::saw_made(classid, object, subid);
    if (access != OAT_TRUNCATE) provenance::saw_changed(classid, object, subid);
    if (access == OAT_POST_ALTER || pg::InternalDdl::active()) return;
    if (access == OAT_DROP) protect_from_drop(classid, object, subid);
    if (!guards()) return;
    if (access == OAT_TRUNCATE)
      guard::check_truncate(object);
    else if (!is_internal(arg))
      guard::check_drop(classid, object, subid);
  });
}

}  // namespace

bool closed() {
  return pg::InternalDdl::active() || !may_look();
}

bool guards() {
  return mode() == Mode::kEnforce;
}

void install_hooks() {
  if (ProcessUtility_hook) next_utility = ProcessUtility_hook;
  ProcessUtility_hook = utility;
  next_object_access = object_access_hook;
  object_access_hook = object_access;
  install_side_doors();
  watch_transactions();
}

}  // namespace strata::upkeep
