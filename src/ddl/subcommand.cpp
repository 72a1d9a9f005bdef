// Owns: facts about the subcommands of ALTER TABLE (see subcommand.hpp).
#include "ddl/subcommand.hpp"

namespace strata::ddl {

bool may_restrict_inserts(AlterTableType subtype) {
  switch (subtype) {
    case AT_ChangeOwner:
    case AT_ClusterOn:
    case AT_DisableRowSecurity:
    case AT_DropCluster:
    case AT_DropConstraint:
    case AT_DropNotNull:
    case AT_EnableRowSecurity:
    case AT_ForceRowSecurity:
    case AT_NoForceRowSecurity:
    case AT_ReplaceRelOptions:
    case AT_ReplicaIdentity:
    case AT_ResetOptions:
    case AT_ResetRelOptions:
    case AT_SetCompression:
    case AT_SetLogged:
    case AT_SetOptions:
    case AT_SetRelOptions:
    case AT_SetStatistics:
    case AT_SetStorage:
    case AT_SetTableSpace:
    case AT_SetUnLogged:
    case AT_ValidateConstraint:
      return false;
    default:
      return true;
  }
}

}  // namespace strata::ddl
