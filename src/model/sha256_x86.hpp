// SHA-256 by the instructions that x86 processors have for it since 2016. Elsewhere there are none.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace strata::model::x86 {

// Returns true when this processor has them.
bool has_sha256() noexcept;

// Works blocks of 64 bytes into the state. Only where has_sha256().
void add_blocks(std::array<uint32_t, 8>& state, const uint32_t (&round)[64], const uint8_t* blocks,
                size_t count) noexcept;

}  // namespace strata::model::x86
