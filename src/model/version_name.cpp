// Owns: how version schemas are named (see version_name.hpp).
#include "model/version_name.hpp"

namespace strata::model {

std::string version_schema_name(std::string_view base, std::string_view version) {
  std::string name;
  name.reserve(base.size() + 1 + version.size());
  for (const std::string_view part : {base, std::string_view("_"), version}) {
    for (const char c : part) {
      const auto byte = static_cast<unsigned char>(c);
      const bool continuation = (byte & 0xC0U) == 0x80U;
      if (continuation) continue;
      const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
      name += kept ? c : '_';
    }
  }
  return name;
}

}  // namespace strata::model
