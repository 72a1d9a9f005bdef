// What the walkers over a view's query share: the relations in question and where they are.
#pragma once

#include "pg/guard.hpp"

extern "C" {
#include "nodes/pg_list.h"
#include "parser/parsetree.h"
}

namespace strata::pg::raw {

struct RelationPair {
  Oid from;
  Oid to;
};

// Shared by the walkers over one view: the relations in question and, while walking, the stack of
// queries that Vars refer to by varlevelsup.
struct CopyContext {
  const RelationPair* pairs;
  int count;
  List* queries;         // innermost first
  const char* obstacle;  // out
  List* found;           // out: relation OIDs
};

inline Oid target_of(const CopyContext* context, Oid relation) {
  for (int i = 0; i < context->count; i++)
    if (context->pairs[i].from == relation) return context->pairs[i].to;
  return InvalidOid;
}

inline RangeTblEntry* entry_of(const CopyContext* context, int varno, Index levelsup) {
  if (static_cast<int>(levelsup) >= list_length(context->queries)) return nullptr;
  auto* query = static_cast<Query*>(list_nth(context->queries, static_cast<int>(levelsup)));
  if (varno <= 0 || varno > list_length(query->rtable)) return nullptr;
  return rt_fetch(varno, query->rtable);
}

}  // namespace strata::pg::raw
