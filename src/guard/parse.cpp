// Owns: parsing what is proposed (see parse.hpp).
#include "guard/parse.hpp"

#include "ddl/retire_call.hpp"

extern "C" {
#include "parser/parser.h"
#include "tcop/utility.h"
#include "utils/guc.h"
}

namespace strata::guard {
namespace raw {

static void pin(const char* setting, const char* value) {
  (void)set_config_option(setting, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
                          false);
}

// The position of a syntax error is one in this text, not in the statement that brought it.
static void tell_text(void* text) {
  const int position = geterrposition();
  if (position <= 0) return;
  errposition(0);
  internalerrposition(position);
  internalerrquery(static_cast<const char*>(text));
}

// An error undoes the settings through the GUC stack of the transaction.
static List* parse(char* text) {
  ErrorContextCallback context = {error_context_stack, tell_text, text};
  error_context_stack = &context;
  const int level = NewGUCNestLevel();
  pin("standard_conforming_strings", "on");
  pin("backslash_quote", "safe_encoding");
  List* out = raw_parser(text, RAW_PARSE_DEFAULT);
  AtEOXact_GUC(true, level);
  error_context_stack = context.previous;
  return out;
}

}  // namespace raw

namespace {

bool forces_retirement(const Node* tree) {
  ddl::RetireCall call;
  return ddl::read_retire_call(tree, &call);
}

bool is_query(const Node* tree) {
  if (forces_retirement(tree)) return false;
  switch (nodeTag(tree)) {
    case T_SelectStmt:
      // SELECT ... INTO makes a table.
      return reinterpret_cast<const SelectStmt*>(tree)->intoClause == nullptr;
    case T_InsertStmt:
    case T_UpdateStmt:
    case T_DeleteStmt:
    case T_MergeStmt:
    case T_CopyStmt:
    case T_VariableShowStmt:
    case T_TransactionStmt:
    case T_NotifyStmt:
    case T_ExplainStmt:
      return true;
    default:
      return false;
  }
}

std::string trimmed(const std::string& text) {
  constexpr const char* kSpace = " \t\r\n\f\v";
  const size_t from = text.find_first_not_of(kSpace);
  if (from == std::string::npos) return {};
  return text.substr(from, text.find_last_not_of(kSpace) - from + 1);
}

}  // namespace

std::vector<Statement> parse(const std::string& text) {
  List* const list = pg::call([&] { return raw::parse(pstrdup(text.c_str())); });
  std::vector<Statement> out;
  ListCell* cell;
  foreach (cell, list) {
    const auto* statement = lfirst_node(RawStmt, cell);
    const auto from = static_cast<size_t>(std::max(statement->stmt_location, 0));
    const size_t length =
        statement->stmt_len > 0 ? static_cast<size_t>(statement->stmt_len) : std::string::npos;
    out.push_back(
        {trimmed(text.substr(from, length)), statement->stmt, !is_query(statement->stmt)});
  }
  return out;
}

std::string command(Node* statement) {
  if (forces_retirement(statement)) return "strata.retire";
  return pg::call([&] { return GetCommandTagName(CreateCommandTag(statement)); });
}

}  // namespace strata::guard
