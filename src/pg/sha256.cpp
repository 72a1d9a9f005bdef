// Owns: the use of the server's SHA-256 (see sha256.hpp).
#include "pg/sha256.hpp"

namespace strata::pg {

Sha256::Sha256()
    : context_(call([] { return pg_cryptohash_create(PG_SHA256); })),
      exceptions_(std::uncaught_exceptions()) {}

Sha256::~Sha256() {
  // After an error the resource owner frees it, and may have done so.
  if (std::uncaught_exceptions() == exceptions_) pg_cryptohash_free(context_);
}

model::Digest Sha256::hash(void* state, const void* data, size_t size) {
  auto* const context = static_cast<pg_cryptohash_ctx*>(state);
  model::Digest digest;
  if (pg_cryptohash_init(context) < 0 ||
      pg_cryptohash_update(context, static_cast<const uint8*>(data), size) < 0 ||
      pg_cryptohash_final(context, digest.data(), digest.size()) < 0)
    throw Error(ERRCODE_INTERNAL_ERROR,
                fmt::format("could not compute a SHA-256: {}", pg_cryptohash_error(context)));
  return digest;
}

}  // namespace strata::pg
