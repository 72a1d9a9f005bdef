// Which migration tool a transaction is of, and what the tool calls the step.
//
// Tools note each step in a table of theirs; most do so in the transaction of the step.
//
// Scope: a tool that marks its table before the step and after it, in transactions of their own, is
// remembered by the session in between.
#pragma once

#include <optional>
#include <string>

namespace strata::provenance {

struct ToolStep {
  std::string tool;
  std::optional<std::string> label;
  std::optional<std::string> name;
};

// Returns what this transaction wrote into a tool's table, else what the name of the application
// says. To be called when the transaction is about to commit.
std::optional<ToolStep> tool_step(const char* application_name);

}  // namespace strata::provenance
