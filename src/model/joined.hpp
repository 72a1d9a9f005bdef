// Lists in messages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace strata::model {

// Returns the texts with `separator` between them.
inline std::string joined(const std::vector<std::string>& texts, std::string_view separator) {
  std::string out;
  for (const std::string& text : texts) {
    if (!out.empty()) out += separator;
    out += text;
  }
  return out;
}

}  // namespace strata::model
