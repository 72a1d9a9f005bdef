// Owns: the rows of this transaction that are not in the chain yet, and the callback that puts them
// there (see chain.hpp). Scope: transaction.
#include "provenance/chain.hpp"

#include "catalog/registry.hpp"
#include "pg/late_flush.hpp"
#include "pg/row_writer.hpp"
#include "pg/subtransaction_end.hpp"
#include "provenance/chain_table.hpp"

extern "C" {
#include "access/xact.h"
}

namespace strata::provenance {
namespace {

// Never freed: a static object would have a destructor that runs at exit.
auto* const rows = new std::vector<Linked>();
bool pending_wanted = false;
auto* const finishers = new std::vector<void (*)()>();

// A transaction may have dropped the extension, and made it anew.
bool nothing_to_do() {
  if (rows->empty() && !pending_wanted) return true;
  if (!catalog::extension_exists() || !chain_exists()) return true;
  std::erase_if(*rows, [](const Linked& row) { return row.chain != chain_table(); });
  return rows->empty() && !pending_wanted;
}

void finish() {
  if (rows->empty()) return;
  for (void (*const function)() : *finishers)
    function();
}

void before_commit() {
  if (nothing_to_do()) return;
  const pg::EnsuredSnapshot snapshot;
  lock_chain();
  finish();
  extend_chain(*rows);
  pg::flush_late();
}

// The lock must not be held until somebody commits the prepared transaction: its rows wait, and are
// linked by whoever commits after it.
void before_prepare() {
  if (nothing_to_do()) return;
  const pg::EnsuredSnapshot snapshot;
  finish();
  leave_pending(*rows);
}

void at_end(XactEvent event, void*) {
  if (rows->empty() && !pending_wanted) return;
  switch (event) {
    case XACT_EVENT_PRE_COMMIT:
      pg::enter(before_commit);
      break;
    case XACT_EVENT_PRE_PREPARE:
      pg::enter(before_prepare);
      break;
    default:
      pg::end_late_flush(event == XACT_EVENT_COMMIT);
      rows->clear();
      pending_wanted = false;
  }
}

void at_subtransaction_end(SubXactEvent event, SubTransactionId self, SubTransactionId parent,
                           void*) {
  pg::end_subtransaction(*rows, event, self, parent);
}

}  // namespace

void link(const std::string& kind, const std::string& table, int64_t id,
          const model::Digest& digest) {
  pg::follow_subtransactions<at_subtransaction_end>();
  rows->push_back({kind, table, id, digest, GetCurrentSubTransactionId(), chain_table()});
}

const std::vector<Linked>& linked() {
  return *rows;
}

void at_commit(void (*function)()) {
  finishers->push_back(function);
}

void link_pending() {
  pending_wanted = true;
}

void watch_chain() {
  pg::call([] { RegisterXactCallback(at_end, nullptr); });
  pg::watch_late_flush();
}

}  // namespace strata::provenance
