// Owns: following changes of owners (see owners.hpp).
#include "upkeep/owners.hpp"

#include "pg/internal_ddl.hpp"
#include "pg/names.hpp"
#include "pg/relation.hpp"
#include "pg/session.hpp"
#include "pg/spi.hpp"

namespace strata::upkeep {
namespace {

void give(const std::string& what, Oid owner) {
  const pg::ActAs extension(pg::extension_owner());
  const pg::PinnedSearchPath path;
  const pg::InternalDdl internal;
  pg::Spi spi;
  spi.run(fmt::format("ALTER {} OWNER TO {}", what, pg::quote(pg::role_name(owner))));
}

// Who was accountable as the owner of the schema is so no more.
void account_for(const std::string& base, Oid former, Oid owner) {
  const pg::ActAs extension(pg::extension_owner());
  const pg::PinnedSearchPath path;
  pg::Spi spi;
  spi.run("UPDATE strata.base_schema SET owner = $3 WHERE base = $1 AND owner = $2",
          {pg::SqlArg::name(base), pg::SqlArg::oid(former), pg::SqlArg::oid(owner)});
}

}  // namespace

OwnerChange::OwnerChange(const ddl::Statement& statement) {
  if (!statement.changes_owner) return;
  if (!statement.relations.empty()) {
    relation_ = statement.relations.front().relation;
    former_ = pg::relation_owner(relation_);
  } else {
    schema_ = pg::schema_oid(statement.schema);
    former_ = pg::schema_owner(schema_);
  }
}

void OwnerChange::follow() const {
  if (OidIsValid(relation_)) {
    const Oid owner = pg::relation_owner(relation_);
    if (owner == former_) return;
    std::vector<Oid> views;
    for (const catalog::VersionView* view : catalog::registry().views_of(relation_))
      if (view->kind != catalog::Kind::kTwin && pg::relation_owner(view->view) == former_)
        views.push_back(view->view);
    for (const Oid view : views)
      give("VIEW " + pg::relation_display(view), owner);
  } else if (OidIsValid(schema_)) {
    const Oid owner = pg::schema_owner(schema_);
    if (owner == former_) return;
    const catalog::BaseSchema* base = catalog::registry().base_schema(schema_);
    if (base == nullptr) return;
    const std::string name = base->name;
    std::vector<Oid> schemas;
    for (const auto& [id, version] : catalog::registry().versions())
      if (version.base == name && OidIsValid(version.schema_oid) &&
          pg::schema_owner(version.schema_oid) == former_)
        schemas.push_back(version.schema_oid);
    for (const Oid schema : schemas)
      give("SCHEMA " + pg::quote(pg::schema_name(schema)), owner);
    account_for(name, former_, owner);
  }
}

}  // namespace strata::upkeep
