// Marks the one way in which recorded rows are deleted.
//
// Scope: backend; a depth that the destructor takes back, also when an Error passes.
#pragma once

namespace strata::provenance {

class Pruning {
 public:
  Pruning() noexcept { depth_++; }
  ~Pruning() { depth_--; }
  Pruning(const Pruning&) = delete;
  Pruning& operator=(const Pruning&) = delete;

  // Returns true while strata.prune_provenance() deletes.
  static bool active() noexcept { return depth_ > 0; }

 private:
  static inline int depth_ = 0;
};

}  // namespace strata::provenance
