// Owns: facts about publications, subscriptions and foreign servers.
#include "ddl/facts_parts.hpp"
#include "ddl/options.hpp"
#include "pg/spi.hpp"
#include "pg/table_list.hpp"

extern "C" {
#include "catalog/pg_foreign_server.h"
#include "catalog/pg_subscription.h"
#include "catalog/pg_user_mapping.h"
#include "foreign/foreign.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace strata::ddl {
namespace {

void lock_published(FactsBuilder& out, List* objects) {
  ListCell* cell;
  foreach (cell, objects) {
    auto* object = lfirst_node(PublicationObjSpec, cell);
    if (object->pubtable == nullptr) continue;
    const Oid table = out.find(object->pubtable->relation);
    if (!OidIsValid(table)) continue;
    for (const Oid target : tree_of(table, object->pubtable->relation->inh))
      out.add(target, Lock::ShareUpdateExclusive);
  }
}

// A server has no schema; what reads from it may have a tracked one.
void in_schemas_of_server(FactsBuilder& out, const char* name) {
  const Oid server = pg::call([&] { return get_foreign_server_oid(name, true); });
  if (!OidIsValid(server)) return;
  out.about(pg::quote(name));
  for (const pg::Dependency& user : pg::dependents_of({ForeignServerRelationId, server, 0}))
    if (user.object.classid == RelationRelationId)
      out.in_schema(pg::table_facts(user.object.objid).schema);
}

// Who receives gets less, or other kinds of changes.
void alter_publication(FactsBuilder& out, AlterPublicationStmt* stmt) {
  out.about(pg::quote(stmt->pubname));
  lock_published(out, stmt->pubobjects);
  if (stmt->options == NIL && (stmt->pubobjects == NIL || stmt->action == AP_AddObjects)) return;
  out.facts.breaks_readers = true;
  out.partly_reversible();
  in_published_schemas(out, stmt->pubname);
}

}  // namespace

void in_published_schemas(FactsBuilder& out, const char* name) {
  const Oid publication = pg::call([&] { return get_publication_oid(name, true); });
  if (!OidIsValid(publication)) return;
  for (const Oid schema : pg::published_schemas(publication))
    out.in_schema(schema);
}

bool replication_facts(FactsBuilder& out, Node* tree) {
  switch (nodeTag(tree)) {
    case T_CreatePublicationStmt:
      out.about(pg::quote(castNode(CreatePublicationStmt, tree)->pubname));
      out.facts.creates_only = true;
      lock_published(out, castNode(CreatePublicationStmt, tree)->pubobjects);
      return true;
    case T_AlterPublicationStmt:
      alter_publication(out, castNode(AlterPublicationStmt, tree));
      return true;
    // What is applied comes by no statement.
    case T_CreateSubscriptionStmt:
      out.about(pg::quote(castNode(CreateSubscriptionStmt, tree)->subname));
      out.facts.analyzable = false;
      out.facts.breaks_writers = true;
      out.facts.transactional = false;
      return true;
    case T_AlterSubscriptionStmt:
      out.about(pg::quote(castNode(AlterSubscriptionStmt, tree)->subname));
      out.facts.analyzable = false;
      out.facts.breaks_readers = true;
      out.partly_reversible();
      return true;
    case T_DropSubscriptionStmt:
      out.about(pg::quote(castNode(DropSubscriptionStmt, tree)->subname));
      out.facts.breaks_readers = true;
      out.facts.transactional = false;
      out.irreversible();
      if (const Oid subscription = pg::call([&] {
            return get_subscription_oid(castNode(DropSubscriptionStmt, tree)->subname, true);
          });
          OidIsValid(subscription))
        add_removed(out, {SubscriptionRelationId, subscription, 0});
      return true;
    case T_DropUserMappingStmt: {
      auto* stmt = castNode(DropUserMappingStmt, tree);
      out.facts.breaks_readers = out.facts.breaks_writers = true;
      out.partly_reversible();
      in_schemas_of_server(out, stmt->servername);
      const Oid mapping = pg::call([&] {
        const Oid server = get_foreign_server_oid(stmt->servername, true);
        const Oid role = stmt->user->roletype == ROLESPEC_PUBLIC
                             ? InvalidOid
                             : get_rolespec_oid(stmt->user, true);
        return GetSysCacheOid2(USERMAPPINGUSERSERVER, Anum_pg_user_mapping_oid,
                               ObjectIdGetDatum(role), ObjectIdGetDatum(server));
      });
      if (OidIsValid(mapping)) add_removed(out, {UserMappingRelationId, mapping, 0});
      return true;
    }
    case T_AlterForeignServerStmt:
      in_schemas_of_server(out, castNode(AlterForeignServerStmt, tree)->servername);
      out.facts.breaks_readers = true;
      return true;
    case T_AlterUserMappingStmt:
      in_schemas_of_server(out, castNode(AlterUserMappingStmt, tree)->servername);
      out.facts.breaks_readers = true;
      return true;
    case T_AlterFdwStmt:
      out.facts.breaks_readers = true;
      return true;
    default:
      return false;
  }
}

}  // namespace strata::ddl
