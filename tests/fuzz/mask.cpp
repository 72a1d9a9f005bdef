// Masking of secrets on arbitrary text: it ends, stays within its limit, and a limit only cuts.
#include "model/mask.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const bool backslash_escapes = (data[0] & 1) != 0;
  const size_t limit = data[1];
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::string whole = strata::model::mask_secrets(text, backslash_escapes);
  const std::string cut = strata::model::mask_secrets(text, backslash_escapes, limit);
  if (cut != std::string_view(whole).substr(0, limit)) abort();
  return 0;
}
