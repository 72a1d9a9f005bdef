// Marks DDL that the extension itself runs, so that its own hooks let it pass.
//
// Scope: backend; a depth that the destructor takes back, also when an Error passes.
#pragma once

namespace strata::pg {

class InternalDdl {
 public:
  InternalDdl() noexcept { depth_++; }
  ~InternalDdl() { depth_--; }
  InternalDdl(const InternalDdl&) = delete;
  InternalDdl& operator=(const InternalDdl&) = delete;

  // Returns true while the extension's own DDL runs in this backend.
  static bool active() noexcept { return depth_ > 0; }

 private:
  static inline int depth_ = 0;
};

}  // namespace strata::pg
