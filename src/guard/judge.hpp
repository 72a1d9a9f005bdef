// From facts to a judgement: hazards, risk, and what the policies of the base schemas ask for.
#pragma once

#include "model/facts.hpp"
#include "model/policy.hpp"
#include "pg/guard.hpp"

namespace strata::guard {

struct Judgement {
  model::HazardSet hazards;
  model::Risk risk = model::Risk::Low;
  int64_t bytes = 0;               // touched
  std::vector<std::string> bases;  // tracked schemas it touches, in order
  model::Verdict verdict;          // all that the policies of these ask for together
};

// Judges a statement by its facts. `base`: a base schema that counts as touched as well. A
// statement that touches none is stopped by nothing but policies about the guard itself.
Judgement judge(const model::StatementFacts& facts, const std::string& base = {});

// Returns a sentence that says which policies ask for the verdict; empty when none does.
std::string reason(const model::Verdict& verdict);

}  // namespace strata::guard
