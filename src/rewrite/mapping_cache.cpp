// Owns: the cache of write mappings (see mapping_cache.hpp).
#include "rewrite/mapping_cache.hpp"

#include "pg/catalog_watch.hpp"
#include "pg/session.hpp"
#include "rewrite/mapping_build.hpp"

extern "C" {
#include "access/xact.h"
#include "utils/memutils.h"
}

namespace strata::rewrite {
namespace {

struct Entry {
  MemoryContext context = nullptr;
  WriteMapping* mapping = nullptr;
  const Words* words = nullptr;  // lives in the context
  Oid inverse = InvalidOid;
  bool stale = false;
};

// By version view. Never freed: a static object would have a destructor that runs at exit.
auto* const entries = new std::unordered_map<Oid, Entry>();
// Which entries stand on a relation, the view itself included.
auto* const entries_on = new std::unordered_multimap<Oid, Oid>();
// Mappings that were replaced in this transaction: somebody further up the stack may hold one.
auto* const replaced = new std::vector<MemoryContext>();

void forget_relation(Oid relid) noexcept {
  if (!OidIsValid(relid)) {
    for (auto& [view, entry] : *entries)
      entry.stale = true;
    return;
  }
  const auto range = entries_on->equal_range(relid);
  for (auto at = range.first; at != range.second; ++at) {
    const auto entry = entries->find(at->second);
    if (entry != entries->end()) entry->second.stale = true;
  }
}

void free_replaced(XactEvent event, void*) {
  if (event != XACT_EVENT_COMMIT && event != XACT_EVENT_ABORT && event != XACT_EVENT_PREPARE)
    return;
  for (MemoryContext context : *replaced)
    MemoryContextDelete(context);
  replaced->clear();
}

void note_on(Oid relation, Oid view) {
  if (!OidIsValid(relation)) return;
  const auto range = entries_on->equal_range(relation);
  for (auto at = range.first; at != range.second; ++at)
    if (at->second == view) return;
  entries_on->emplace(relation, view);
}

void drop(Entry& entry) {
  if (entry.context != nullptr) replaced->push_back(entry.context);
  entry = Entry{};
}

}  // namespace

const WriteMapping& mapping_of(const catalog::VersionView& view) {
  Entry& entry = (*entries)[view.view];
  if (entry.mapping != nullptr && !entry.stale && entry.mapping->base == view.base &&
      entry.inverse == view.inverse)
    return *entry.mapping;
  drop(entry);
  note_on(view.view, view.view);
  note_on(view.base, view.view);
  note_on(view.inverse, view.view);
  // Named first: an invalidation that arrives while the mapping is made makes it stale at once.
  const MemoryContext context = pg::call([] {
    return AllocSetContextCreate(CacheMemoryContext, "pg_strata write mapping",
                                 ALLOCSET_SMALL_SIZES);
  });
  const MemoryContext before = MemoryContextSwitchTo(context);
  try {
    WriteMapping* mapping = build_mapping(view);
    const Words* words = pg::make_in<Words>(context, words_of(view, *mapping));
    MemoryContextSwitchTo(before);
    entry.words = words;
    entry.context = context;
    entry.mapping = mapping;
    entry.inverse = view.inverse;
    return *mapping;
  } catch (...) {
    MemoryContextSwitchTo(before);
    MemoryContextDelete(context);
    throw;
  }
}

const Words* words_for(Oid view) {
  const auto entry = entries->find(view);
  return entry == entries->end() ? nullptr : entry->second.words;
}

void watch_mappings() {
  RegisterXactCallback(free_replaced, nullptr);
  pg::on_relation_change(forget_relation);
}

}  // namespace strata::rewrite
