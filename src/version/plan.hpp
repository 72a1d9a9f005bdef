// What a publish is about to make: the base relations with what the version must copy of them.
//
// Called by strata.publish, and by repair for a view that is gone. Lives as long as the call.
#pragma once

#include "pg/spi.hpp"

namespace strata::version {

struct BaseColumn {
  std::string name;       // the version view's
  std::string base_name;  // the base relation's; the same until the base renames it
  bool has_default;       // one that a view can repeat: identity and generated columns have none
  std::string comment;
  std::string contract_default;  // of a view that is made again: holds instead of the base's
};

struct BaseRelation {
  Oid oid = InvalidOid;
  std::string name;
  char kind = 'r';  // pg_class.relkind
  bool partition = false;
  bool row_security = false;
  Oid owner = InvalidOid;
  std::string options;          // reloptions of a view but check_option, as WITH (...) takes them
  std::string check_option;     // of a view: local, cascaded or empty
  bool runs_as_caller = false;  // a view with security_invoker
  std::string comment;
  bool granted = false;  // somebody but the owner has rights
  std::vector<BaseColumn> columns;

  bool is_view() const { return kind == 'v'; }
};

// The schema a publish makes, and for whom.
struct VersionPlan {
  Oid base = InvalidOid;
  std::string base_name;
  std::string version;
  std::string schema;
  bool invoker = true;
  std::vector<BaseRelation> relations;
};

// Reads the relations of a base schema: ordinary, partitioned, foreign tables, partitions, views
// and materialized views; no temporary relations and none that belong to an extension, whose
// scripts must be able to drop them. Locks each against DDL (ACCESS SHARE), as reading it would.
std::vector<BaseRelation> base_relations(pg::Spi& spi, Oid base);

// Reads one relation, wherever it lives now; nullopt when it is gone.
std::optional<BaseRelation> base_relation(pg::Spi& spi, Oid relation);

// Makes the version view of a table, foreign table or materialized view, or of a view that cannot
// be carried over: SELECT of all its columns. Returns the view.
Oid create_table_view(pg::Spi& spi, const VersionPlan& plan, const BaseRelation& relation);

// Gives a version view the trigger that writes for stored queries (rewrite/fallback.cpp).
void add_fallback(pg::Spi& spi, const std::string& schema, const std::string& view);

// Publishes the views of the base schema as copies over the version's own views, in the order of
// their dependencies. `made` maps base relations to version views; copies are added to it. Twins
// and fallbacks are registered by themselves; `copied` gets the base views that became true copies.
void create_view_copies(pg::Spi& spi, const VersionPlan& plan, int64_t version_id,
                        std::map<Oid, Oid>& made, std::set<Oid>& copied);

// Gives the columns of `view` the defaults of the relation.
void copy_defaults(Oid view, const BaseRelation& relation);

// Takes back what ALTER DEFAULT PRIVILEGES gave on the version schema and its views: a version has
// the rights of its base and no others. Before the properties are copied.
void drop_default_grants(pg::Spi& spi, const VersionPlan& plan);

// The same for one view.
void drop_default_grants_of(pg::Spi& spi, const std::string& schema, const std::string& view);

// Makes the version's schema; it belongs to the owner of the base schema.
void make_version_schema(pg::Spi& spi, const VersionPlan& plan);

// Copies owner, defaults, comments and grants of the base relation to its version view.
void copy_properties(pg::Spi& spi, const VersionPlan& plan, const BaseRelation& relation);

// Copies who may use the base schema, and its comment or `description`, to the version schema.
void copy_schema_properties(pg::Spi& spi, const VersionPlan& plan,
                            const std::optional<std::string>& description);

}  // namespace strata::version
