// Writing a proposal down.
#pragma once

#include "guard/digest.hpp"
#include "model/hazard.hpp"
#include "pg/spi.hpp"

namespace strata::guard {

struct NewStatement {
  Proposed proposed;
  model::Risk risk = model::Risk::Low;
  std::vector<std::string> hazards;
  bool counts = true;  // the proposal is done when all that count have run
};

struct NewProposal {
  std::string base;
  std::string title;
  std::string ddl;
  std::optional<std::string> rationale;
  std::optional<std::string> rollback_plan;
  std::optional<std::string> success_criteria;
  std::optional<std::string> ticket;
  Oid author = InvalidOid;
  std::string author_name;
  model::Risk risk = model::Risk::Low;
  bool demanded = false;  // a policy asks for approval
  std::vector<NewStatement> statements;
};

// Writes its rows; returns its number. To be called as the owner of the extension.
int64_t write_proposal(const NewProposal& proposal);

}  // namespace strata::guard
