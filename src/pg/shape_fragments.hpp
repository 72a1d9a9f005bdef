// Parts of definitions as they were written last: mostly one column of many has changed, and to
// write an expression or an index as SQL is most of the work.
//
// A fragment is good for the same rows of the catalogs (by xmin and place), as long as nothing that
// it may name has got another name.
//
// Scope: backend.
#pragma once

#include "pg/depend.hpp"

namespace strata::pg {

// In the place of a column: the definition of an index, and of a key.
constexpr int32_t kOfIndex = 0;
constexpr int32_t kOfConstraint = -1;

struct FragmentKey {
  Oid object;
  int32_t column;
  bool operator==(const FragmentKey&) const = default;
};

// Plain data: it is gathered in palloc'd memory.
struct WrittenFragment {
  FragmentKey key;
  uint64_t stamp;  // of the rows
  int start;       // in the text
  int length;
};

// Of one relation.
class ShapeFragments {
 public:
  // Returns the text, null when it is not known or of other rows.
  const std::string* find(const FragmentKey& key, uint64_t stamp) const noexcept;
  void keep(const WrittenFragment& fragment, const char* text);
  // How often it was asked for.
  int uses() const noexcept { return uses_; }
  void use() noexcept { uses_++; }

 private:
  struct Hash {
    size_t operator()(const FragmentKey& key) const noexcept {
      return (uint64_t{key.object} << 16) ^ static_cast<uint64_t>(key.column);
    }
  };
  struct Fragment {
    uint64_t stamp;
    std::string text;
  };
  std::unordered_map<FragmentKey, Fragment, Hash> fragments_;
  int uses_ = 0;
};

// Returns the relation's. Valid until the next call.
ShapeFragments& fragments_of(Oid relation);

// Something has got another name. Those that are in use stay until others are asked for.
void forget_fragments() noexcept;

namespace raw {

// Returns a stamp that is another one for another row, or another version of it.
uint64 stamp_with_row(uint64 stamp, HeapTuple row);

}  // namespace raw
}  // namespace strata::pg
