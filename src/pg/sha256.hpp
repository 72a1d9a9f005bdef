// SHA-256 by the server's code, which uses the processor's instructions where there are any.
//
// Scope: the current resource owner; an abort frees it.
#pragma once

#include "model/merkle.hpp"
#include "pg/guard.hpp"

extern "C" {
#include "common/cryptohash.h"
}

namespace strata::pg {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  model::Digest operator()(std::string_view bytes) { return hasher()(bytes.data(), bytes.size()); }

  // For the model's functions; lives as long as this.
  model::Hasher hasher() { return {hash, context_}; }

  // The same for many short texts: OpenSSL looks for the algorithm each time, which takes longer
  // than a few blocks.
  model::Hasher short_hasher() {
    return model::sha256_is_fast() ? model::plain_hasher() : hasher();
  }

 private:
  static model::Digest hash(void* state, const void* data, size_t size);
  pg_cryptohash_ctx* context_;
  int exceptions_;
};

}  // namespace strata::pg
