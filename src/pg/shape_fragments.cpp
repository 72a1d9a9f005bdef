// Owns: the fragments (see shape_fragments.hpp).
#include "pg/shape_fragments.hpp"

extern "C" {
#include "common/hashfn.h"
}

namespace strata::pg {
namespace {

// Of more relations they are forgotten.
constexpr size_t kRelations = 64;

// Never freed: a static object would have a destructor that runs at exit.
auto* const relations = new std::unordered_map<Oid, ShapeFragments>();
bool are_stale = false;

}  // namespace

const std::string* ShapeFragments::find(const FragmentKey& key, uint64_t stamp) const noexcept {
  const auto known = fragments_.find(key);
  return known == fragments_.end() || known->second.stamp != stamp ? nullptr : &known->second.text;
}

void ShapeFragments::keep(const WrittenFragment& fragment, const char* text) {
  fragments_[fragment.key] = {fragment.stamp,
                              {text + fragment.start, static_cast<size_t>(fragment.length)}};
}

ShapeFragments& fragments_of(Oid relation) {
  if (std::exchange(are_stale, false) ||
      (relations->size() >= kRelations && relations->count(relation) == 0))
    relations->clear();
  ShapeFragments& out = (*relations)[relation];
  out.use();
  return out;
}

void forget_fragments() noexcept {
  are_stale = true;
}

namespace raw {

uint64 stamp_with_row(uint64 stamp, HeapTuple row) {
  stamp = hash_combine64(stamp, HeapTupleHeaderGetRawXmin(row->t_data));
  stamp = hash_combine64(stamp, ItemPointerGetBlockNumber(&row->t_self));
  return hash_combine64(stamp, ItemPointerGetOffsetNumber(&row->t_self));
}

}  // namespace raw
}  // namespace strata::pg
