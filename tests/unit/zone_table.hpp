// A time zone made of the changes a test gives.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "model/window.hpp"

class ZoneTable : public strata::model::ZoneRules {
 public:
  // Offsets in seconds; changes in order.
  explicit ZoneTable(int64_t first_offset,
                     std::vector<std::pair<strata::model::Instant, int64_t>> changes = {})
      : first_offset_(first_offset), changes_(std::move(changes)) {}

  Stretch stretch_at(strata::model::Instant at) const override {
    const auto after = std::upper_bound(
        changes_.begin(), changes_.end(), at,
        [](strata::model::Instant t, const auto& change) { return t < change.first; });
    return {(after == changes_.begin() ? first_offset_ : std::prev(after)->second) *
                strata::model::kSecond,
            after == changes_.end() ? strata::model::kEndOfTime : after->first};
  }

 private:
  int64_t first_offset_;
  std::vector<std::pair<strata::model::Instant, int64_t>> changes_;
};
