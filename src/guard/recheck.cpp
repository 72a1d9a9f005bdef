// Owns: looking at windows again before a commit (see recheck.hpp). Scope: transaction.
#include "guard/recheck.hpp"

#include "guard/overrides.hpp"
#include "guard/windows.hpp"
#include "pg/clock.hpp"
#include "pg/guard.hpp"
#include "pg/names.hpp"
#include "pg/subtransaction_end.hpp"
#include "settings.hpp"

extern "C" {
#include "access/xact.h"
}

namespace strata::guard {
namespace {

struct Due {
  std::string base;
  SubTransactionId subtransaction;
};

// Never freed: a static object would have a destructor that runs at exit.
auto* const due = new std::vector<Due>();

void look_again() {
  const int64_t now = pg::now();
  for (const Due& entry : *due) {
    const Oid base = entry.base.empty() ? InvalidOid : pg::schema_oid(entry.base);
    using Kind = WindowState::Kind;
    const Kind kind = window_state(base, now).kind;
    if (kind == Kind::kOpen || kind == Kind::kClosing || active_override(entry.base)) continue;
    throw Error(sqlstate::kOutsideWindow, "the change window has ended before the transaction",
                fmt::format("It ran statements on base schema \"{}\" that may run only in a change "
                            "window, and none is open now.",
                            entry.base),
                "Nothing was changed. Run the transaction in the next window.");
  }
}

void refuse_prepare() {
  if (due->empty()) return;
  throw Error(sqlstate::kOutsideWindow,
              "cannot PREPARE a transaction whose statements need a change window",
              "Nobody knows when a prepared transaction will commit.",
              "COMMIT it in one phase, in the window.");
}

void at_end(XactEvent event, void*) {
  if (due->empty()) return;
  switch (event) {
    case XACT_EVENT_PRE_COMMIT:
      pg::enter([] {
        if (mode() == Mode::kEnforce) look_again();
      });
      break;
    case XACT_EVENT_PRE_PREPARE:
      pg::enter([] {
        if (mode() == Mode::kEnforce) refuse_prepare();
      });
      break;
    default:
      due->clear();
  }
}

void at_subtransaction_end(SubXactEvent event, SubTransactionId self, SubTransactionId parent,
                           void*) {
  pg::end_subtransaction(*due, event, self, parent);
}

}  // namespace

void recheck_at_commit(const std::string& base) {
  const SubTransactionId self = GetCurrentSubTransactionId();
  for (const Due& entry : *due)
    if (entry.base == base && entry.subtransaction <= self) return;
  pg::follow_subtransactions<at_subtransaction_end>();
  due->push_back({base, self});
}

void watch_commits() {
  pg::call([] { RegisterXactCallback(at_end, nullptr); });
}

}  // namespace strata::guard
