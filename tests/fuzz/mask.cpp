// Masking of secrets on arbitrary text: it ends, stays within its limit, and a limit only cuts.
// JSON stays JSON.
#include "model/mask.hpp"
#include "model/json.hpp"
#include "model/json_value.hpp"

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
  strata::model::mask_in_definition(text);
  std::string ascii(text);
  for (char& c : ascii)
    c = static_cast<char>(c & 0x7f);
  for (const char* member : {"definition", "foreign_options", "comment", "acl"}) {
    const std::string json =
        std::string("{\"") + member + "\": [" + strata::model::json_string(ascii) + "]}";
    const std::string masked = strata::model::mask_in_definition(json);
    if (!strata::model::read_json(masked)) abort();
  }
  return 0;
}
