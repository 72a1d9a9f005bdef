// Owns: comparing statements by what they mean (see canonical.hpp).
#include "guard/canonical.hpp"

#include "catalog/registry.hpp"
#include "ddl/retire_call.hpp"
#include "guard/walk.hpp"

extern "C" {
#include "catalog/namespace.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_namespace.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
}

namespace strata::guard {
namespace raw {

static Node* walk_copy(const Node* node, Walk* walk) {
  auto* copy = static_cast<Node*>(copyObjectImpl(node));
  statement(copy, walk);
  return copy;
}

static char* effective_path() {
  StringInfoData out;
  initStringInfo(&out);
  ListCell* cell;
  foreach (cell, fetch_search_path(true)) {
    const char* schema = get_namespace_name(lfirst_oid(cell));
    if (schema == nullptr) continue;
    if (strncmp(schema, "pg_temp_", 8) == 0) schema = "pg_temp";
    appendStringInfo(&out, "%s%s", out.len > 0 ? ", " : "", quote_identifier(schema));
  }
  return out.data;
}

}  // namespace raw

// What goes is the version's schema, and everything in it is part of what was approved.
static void add_retired(const Node* statement, Canonical& out) {
  ddl::RetireCall call;
  if (!ddl::read_retire_call(statement, &call)) return;
  const char* const base = ddl::schema_named_in(call.base);
  for (const auto& [id, version] : catalog::registry().versions())
    if (base != nullptr && version.base == base && version.version == call.version &&
        OidIsValid(version.schema_oid))
      out.objects.push_back({NamespaceRelationId, version.schema_oid, 0});
}

Canonical canonical(const Node* statement) {
  raw::Walk walk = {};
  Canonical out;
  out.tree = pg::call([&] { return raw::walk_copy(statement, &walk); });
  ListCell* cell;
  foreach (cell, walk.names)
    out.names.emplace_back(strVal(lfirst(cell)));
  foreach (cell, walk.relations)
    out.relations.push_back(lfirst_oid(cell));
  foreach (cell, walk.objects) {
    const auto* address = static_cast<ObjectAddress*>(lfirst(cell));
    out.objects.push_back({address->classId, address->objectId, address->objectSubId});
  }
  if (IsA(statement, DropOwnedStmt)) {
    foreach (cell, reinterpret_cast<const DropOwnedStmt*>(statement)->roles) {
      auto* role = lfirst_node(RoleSpec, cell);
      const Oid oid = pg::call([&] { return get_rolespec_oid(role, true); });
      if (!OidIsValid(oid)) continue;
      for (const pg::Object& object : pg::owned_by(oid))
        out.objects.push_back(object);
    }
  }
  add_retired(statement, out);
  out.path_bound = walk.path_bound;
  out.by_session = walk.by_session;
  out.cascade = walk.cascade;
  return out;
}

Node* canonical_with(const Node* statement, const std::vector<std::string>& names) {
  raw::Walk walk = {};
  walk.replays = true;
  for (const std::string& name : names)
    pg::call([&] { walk.given = lappend(walk.given, makeString(pstrdup(name.c_str()))); });
  return pg::call([&] { return raw::walk_copy(statement, &walk); });
}

bool same_statement(const Node* a, const Node* b) {
  return pg::call([&] { return equal(a, b); });
}

std::string effective_path() {
  return pg::call([] { return raw::effective_path(); });
}

}  // namespace strata::guard
