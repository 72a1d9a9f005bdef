// Owns: the hook of the write path and the gate in front of it. Scope: backend.
//
// Open whatever pg_strata.mode says: the mode is about DDL, and a version that stops taking writes
// would break the clients it is there for.
#include "rewrite/hooks.hpp"

#include "catalog/registry.hpp"
#include "rewrite/execution.hpp"
#include "rewrite/mapping_cache.hpp"
#include "rewrite/write_path.hpp"

extern "C" {
#include "access/xact.h"
#include "parser/analyze.h"
}

namespace strata::rewrite {
namespace {

post_parse_analyze_hook_type next_analyze = nullptr;

// Returns true when nothing of ours is there, or nobody may look at catalogs now.
bool closed() {
  return IsBinaryUpgrade || !IsTransactionState() || !OidIsValid(MyDatabaseId) ||
         !catalog::extension_exists();
}

void analyzed(ParseState* state, Query* query, JumbleState* jumble) {
  if (next_analyze) next_analyze(state, query, jumble);
  if (!may_write_to_view(query)) return;
  pg::enter([&] {
    if (!closed() && catalog::registry().in_use()) rewrite_writes(query);
  });
}

}  // namespace

void install_hooks() {
  watch_mappings();
  install_execution_hooks();
  next_analyze = post_parse_analyze_hook;
  post_parse_analyze_hook = analyzed;
}

}  // namespace strata::rewrite
