// What can be wrong with a version, and mending it.
//
// Called by strata.verify, strata.repair and strata.post_restore (verify.cpp).
#pragma once

#include "catalog/registry.hpp"
#include "pg/spi.hpp"

namespace strata::version {

struct Problem {
  enum class Kind {
    kSchemaGone,
    kViewGone,
    kElsewhere,    // the view has another name or schema
    kColumns,      // number or types of the columns
    kColumnNames,  // only their names
    kOption,
    kRowSecurity,
    kBaseGone,
    kWrongBase,
    kUnreadable,
    kLostColumn,
    kInverseGone,
    kUnwritable,  // the mapping of writes does not resolve
    kFallbackGone,
    kStranger,
    kGateCopy  // of no version
  };
  Kind kind;
  Oid base = InvalidOid;
  std::string version;
  int64_t version_id = 0;
  int64_t relation_id = 0;
  std::string relation;
  std::string problem;
  std::string hint;
};

// Returns true for a version published with security => 'invoker'.
bool runs_as_caller(pg::Spi& spi, int64_t version_id);

// Returns what is wrong with the versions of one base schema, or of all (InvalidOid).
std::vector<Problem> problems(Oid base);

// Mends the problem as far as the contract says how; returns false when it does not. Raises what
// the attempt raises; the caller runs it in a subtransaction.
bool mend(const Problem& problem);

}  // namespace strata::version
