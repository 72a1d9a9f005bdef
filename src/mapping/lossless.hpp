// Which mappings between a base column and the version's column keep every value.
//
// Called by the contract listing and by the rewriting of writes.
#pragma once

#include "pg/guard.hpp"

namespace strata::mapping::raw {

// Raise-kind. Returns true when it is proven that no value changes silently on its way between the
// version's column and the base column, in either direction: a cast is exact or raises an error.
// False: not proven.
bool keeps_values(Oid version, int32_t version_typmod, Oid base, int32_t base_typmod);

// Raise-kind. Returns true when it is proven that different values of the version's column are
// stored as different values of the base column, or raise: then two rows of the version have the
// same value exactly if the base has.
bool stores_exactly(Oid version, int32_t version_typmod, Oid base, int32_t base_typmod);

// Raise-kind. Returns true when `read`, over one base column, and `write`, over one column of the
// version, undo each other for every value: adding and subtracting the same integer, subtracting
// from the same integer, changing the sign, NOT.
bool undo_each_other(Node* read, Node* write);

}  // namespace strata::mapping::raw
