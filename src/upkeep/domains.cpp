// Owns: refusing changes of domains (see domains.hpp).
#include "upkeep/domains.hpp"

#include "catalog/registry.hpp"
#include "ddl/shape_after.hpp"
#include "pg/domain_check.hpp"
#include "settings.hpp"
#include "upkeep/reach.hpp"

namespace strata::upkeep {
namespace {

// Why an INSERT that leaves the column out would fail after the statement and does not now; null
// when it would not.
const char* reason(const AlterDomainStmt* stmt, Oid domain, const pg::Object& at,
                   const pg::Attribute& column) {
  const auto attnum = static_cast<AttrNumber>(at.subid);
  if (stmt->subtype == 'T') {
    const bool drops = stmt->def == nullptr || ddl::is_null_constant(stmt->def);
    // A domain over this one has a default of its own since it was made.
    const bool fills = column.type == domain && !pg::has_default(at.objid, attnum);
    const bool refuses = column.not_null || pg::type_facts(column.type).refuses_null;
    return drops && fills && refuses && column.filled ? kNotNull : nullptr;
  }
  const auto* constraint = reinterpret_cast<const Constraint*>(stmt->def);
  if (stmt->subtype == 'O' || constraint->contype == CONSTR_NOTNULL)
    return column.omissible && !column.filled ? kNotNull : nullptr;
  if (constraint->contype != CONSTR_CHECK || constraint->raw_expr == nullptr) return nullptr;
  return pg::domain_check_would_fail(at.objid, attnum, constraint->raw_expr) ? kCheck : nullptr;
}

}  // namespace

void refuse_domain(const ddl::Statement& statement, Node* tree) {
  if (!OidIsValid(statement.altered_domain) || mode() == Mode::kRecord) return;
  const auto* stmt = castNode(AlterDomainStmt, tree);
  for (const pg::Object& at : pg::columns_of_domain(statement.altered_domain)) {
    const auto views = views_with_inserts(at.objid);
    if (views.empty()) continue;
    const pg::Attribute column = pg::attributes(at.objid).at(static_cast<AttrNumber>(at.subid));
    const char* const why = reason(stmt, statement.altered_domain, at, column);
    if (why == nullptr) continue;
    for (const catalog::VersionView& view : views) {
      const Reach reach(view);
      if (reach.may_leave_out(column.name)) reach.refuse(column.name, why, false);
    }
  }
}

}  // namespace strata::upkeep
