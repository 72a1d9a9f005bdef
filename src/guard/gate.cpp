// Owns: which statements the guard looks at (see admit.hpp): all that change something but rows.
#include "guard/admit.hpp"
#include "model/guard_setting.hpp"

namespace strata::guard {

bool concerns(const Node* tree) {
  switch (nodeTag(tree)) {
    case T_TransactionStmt:
    case T_PlannedStmt:
    case T_DeclareCursorStmt:
    case T_ClosePortalStmt:
    case T_FetchStmt:
    case T_PrepareStmt:
    case T_ExecuteStmt:
    case T_DeallocateStmt:
    case T_ExplainStmt:  // what it runs creates a table at most
    case T_CreateTableAsStmt:
    case T_DoStmt:  // their statements come by one by one
    case T_CallStmt:
    case T_NotifyStmt:
    case T_ListenStmt:
    case T_UnlistenStmt:
    case T_VariableShowStmt:
    case T_DiscardStmt:
    case T_CheckPointStmt:
    case T_ConstraintsSetStmt:
    case T_CopyStmt:
    case T_CommentStmt:
    case T_SecLabelStmt:
      return false;
    case T_VariableSetStmt: {
      const auto* statement = reinterpret_cast<const VariableSetStmt*>(tree);
      return statement->kind == VAR_SET_VALUE && model::switches_guards(statement->name);
    }
    default:
      return true;
  }
}

}  // namespace strata::guard
