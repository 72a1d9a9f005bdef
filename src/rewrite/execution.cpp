// Owns: the executor hooks (see execution.hpp). Scope: backend.
//
// A plan made from a rewritten query has the version view's entry in its range table, unused but
// for the check of rights: by that it is known. Only such plans are run under a guard.
#include "rewrite/execution.hpp"

#include "rewrite/mapping_cache.hpp"

extern "C" {
#include "executor/executor.h"
}

namespace strata::rewrite {
namespace {

ExecutorRun_hook_type next_run = nullptr;
ExecutorFinish_hook_type next_finish = nullptr;

// Returns the words of the version views that the plan writes through; none for most plans.
std::vector<const Words*> spoken(const PlannedStmt* plan) {
  std::vector<const Words*> out;
  ListCell* cell;
  foreach (cell, plan->rtable) {
    const auto* entry = lfirst_node(RangeTblEntry, cell);
    if (entry->rtekind != RTE_RELATION || entry->relkind != RELKIND_VIEW) continue;
    if (const Words* words = words_for(entry->relid)) out.push_back(words);
  }
  return out;
}

bool may_write(const PlannedStmt* plan) {
  return plan->resultRelations != NIL;
}

template <class Body>
void run_in_words(const std::vector<const Words*>& words, Body body) {
  try {
    pg::call(body);
  } catch (const Error& error) {
    Error out = error;
    for (const Words* of_view : words)
      out = in_words(out, *of_view);
    throw out;
  }
}

// Runs the body, in words where the plan writes through a version.
template <class Body>
void guarded(const QueryDesc* query, Body body) {
  bool ran = false;
  if (may_write(query->plannedstmt)) {
    pg::enter([&] {
      const std::vector<const Words*> words = spoken(query->plannedstmt);
      if (words.empty()) return;
      ran = true;
      run_in_words(words, body);
    });
  }
  if (!ran) body();
}

void run(QueryDesc* query, ScanDirection direction, uint64 count STRATA_RUN_ONCE_PARAMETER) {
  guarded(query, [&] {
    if (next_run)
      next_run(query, direction, count STRATA_RUN_ONCE_ARGUMENT);
    else
      standard_ExecutorRun(query, direction, count STRATA_RUN_ONCE_ARGUMENT);
  });
}

void finish(QueryDesc* query) {
  guarded(query, [&] {
    if (next_finish)
      next_finish(query);
    else
      standard_ExecutorFinish(query);
  });
}

}  // namespace

void install_execution_hooks() {
  next_run = ExecutorRun_hook;
  ExecutorRun_hook = run;
  next_finish = ExecutorFinish_hook;
  ExecutorFinish_hook = finish;
}

}  // namespace strata::rewrite
