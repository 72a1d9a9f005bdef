// SHA-256 (FIPS 180-4), for places where the server's own may not be called because it allocates
// and raises: on the way out of an error; and for many short texts, where the server's takes longer
// to begin than to compute.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace strata::model {

using Digest = std::array<uint8_t, 32>;

// Returns the SHA-256 of the bytes.
Digest sha256(std::string_view bytes) noexcept;

// Returns true where the processor has instructions for it.
bool sha256_is_fast() noexcept;

// Returns the digest as 64 lower-case hexadecimal digits.
std::string hex(const Digest& digest);

}  // namespace strata::model
