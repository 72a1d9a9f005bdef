// Owns: the judgement of a proposed statement (see appraise.hpp).
#include "guard/appraise.hpp"

namespace strata::guard {

// By the kind of statement alone: what takes away is critical, what makes is low, the rest is high.
Appraisal appraise(Node* statement) {
  Appraisal out;
  switch (nodeTag(statement)) {
    case T_DropStmt:
    case T_DropOwnedStmt:
    case T_TruncateStmt:
      out.hazards.add(model::Hazard::DataLoss);
      out.risk = model::Risk::Critical;
      return out;
    case T_AlterTableStmt: {
      ListCell* cell;
      foreach (cell, reinterpret_cast<AlterTableStmt*>(statement)->cmds)
        switch (lfirst_node(AlterTableCmd, cell)->subtype) {
          case AT_AddColumn:
            break;
          case AT_DropColumn:
            out.hazards.add(model::Hazard::DataLoss);
            out.risk = model::Risk::Critical;
            break;
          default:
            out.risk = std::max(out.risk, model::Risk::High);
        }
      return out;
    }
    case T_CreateStmt:
    case T_CreateSchemaStmt:
    case T_ViewStmt:
    case T_CommentStmt:
      return out;
    default:
      out.risk = model::Risk::High;
      return out;
  }
}

}  // namespace strata::guard
