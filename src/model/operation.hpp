// What a client's statement does with a version, as telemetry tells it apart.
#pragma once

#include <cstdint>
#include <string_view>

namespace strata::model {

// The numbers are in files of a stopped server: add at the end.
enum class Operation : uint8_t { kSelect, kInsert, kUpdate, kDelete, kMerge, kCopyFrom, kCopyTo };

constexpr int kOperations = 7;

// Returns its name, as in strata.usage.operation.
constexpr std::string_view name_of(Operation operation) {
  constexpr std::string_view names[kOperations] = {"select", "insert",    "update", "delete",
                                                   "merge",  "copy from", "copy to"};
  return names[static_cast<int>(operation)];
}

}  // namespace strata::model
