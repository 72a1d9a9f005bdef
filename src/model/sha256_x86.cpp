// Owns: nothing (see sha256_x86.hpp).
#include "model/sha256_x86.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace strata::model::x86 {

#if defined(__x86_64__)

bool has_sha256() noexcept {
  unsigned int a = 0;
  unsigned int b = 0;
  unsigned int c = 0;
  unsigned int d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_SSSE3) == 0 || (c & bit_SSE4_1) == 0)
    return false;
  constexpr unsigned int sha = 1U << 29;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & sha) != 0;
}

// Two registers hold the state, the one A, B, E and F, the other C, D, G and H, from the high end
// down. An instruction does two rounds and gives the new first one; the old first is the new
// second.
__attribute__((target("sha,sse4.1"))) void add_blocks(std::array<uint32_t, 8>& state,
                                                      const uint32_t (&round)[64],
                                                      const uint8_t* blocks,
                                                      size_t count) noexcept {
  const auto load = [](const void* from) {
    return _mm_loadu_si128(static_cast<const __m128i*>(from));
  };
  const auto word = [&](size_t i) { return static_cast<int>(state[i]); };
  // The words are stored with their high byte first.
  const __m128i swap = _mm_set_epi32(0x0c0d0e0f, 0x08090a0b, 0x04050607, 0x00010203);
  __m128i abef = _mm_set_epi32(word(0), word(1), word(4), word(5));
  __m128i cdgh = _mm_set_epi32(word(2), word(3), word(6), word(7));
  for (; count > 0; count--, blocks += 64) {
    const __m128i abef_before = abef;
    const __m128i cdgh_before = cdgh;
    // The last sixteen words of the schedule, four in each.
    __m128i w[4];
    for (size_t i = 0; i < 4; i++)
      w[i] = _mm_shuffle_epi8(load(blocks + 16 * i), swap);
    for (size_t i = 0; i < 16; i++) {
      __m128i& now = w[i % 4];
      const __m128i& last = w[(i + 3) % 4];
      const __m128i added = _mm_add_epi32(now, load(round + 4 * i));
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, added);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(added, 0x0e));
      if (i >= 12) continue;
      const __m128i seven_before = _mm_alignr_epi8(last, w[(i + 2) % 4], 4);
      now = _mm_sha256msg2_epu32(
          _mm_add_epi32(_mm_sha256msg1_epu32(now, w[(i + 1) % 4]), seven_before), last);
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }
  alignas(16) uint32_t high[4];
  alignas(16) uint32_t low[4];
  _mm_store_si128(reinterpret_cast<__m128i*>(high), abef);
  _mm_store_si128(reinterpret_cast<__m128i*>(low), cdgh);
  state = {high[3], high[2], low[3], low[2], high[1], high[0], low[1], low[0]};
}

#else

bool has_sha256() noexcept {
  return false;
}

void add_blocks(std::array<uint32_t, 8>&, const uint32_t (&)[64], const uint8_t*, size_t) noexcept {
}

#endif

}  // namespace strata::model::x86
