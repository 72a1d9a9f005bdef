// Owns: whether this session loads a dump (see restore.hpp).
#include "guard/restore.hpp"

#include "catalog/registry.hpp"
#include "pg/names.hpp"
#include "pg/relation.hpp"

namespace strata::guard {
namespace {

bool restores = false;

}  // namespace

bool restores_bases(const Node* tree) {
  const auto* copy = reinterpret_cast<const CopyStmt*>(tree);
  if (!copy->is_from || copy->relation == nullptr || restores) return false;
  if (strcmp(copy->relation->relname, "base_schema") != 0) return false;
  const Oid table = pg::relation_oid(pg::schema_oid("strata"), "base_schema");
  return OidIsValid(table) && pg::resolve(copy->relation) == table &&
         catalog::registry().bases().empty();
}

void note_restore() noexcept {
  restores = true;
}

bool session_restores() noexcept {
  return restores;
}

}  // namespace strata::guard
