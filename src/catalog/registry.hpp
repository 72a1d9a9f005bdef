// This session's copy of the registry: which schemas are tracked, which are versions, which view
// reads which base relation.
//
// Owns: the copy. Scope: backend; rebuilt on first use after an invalidation (a statement trigger
// on the registry's tables); a change of any schema only makes it look the schemas up again,
// because every session's first temporary table is one. Read by every DDL statement, so a look-up
// is a hash probe and nothing here runs SQL.
#pragma once

#include "pg/error.hpp"

namespace strata::catalog {

enum class Kind { kTable, kPartition, kView, kTwin };

struct BaseSchema {
  std::string name;
  Oid owner = InvalidOid;  // who is accountable for it, as track() was told
  Oid oid = InvalidOid;    // InvalidOid: the schema is not there (a restore under way, or drift)
  bool follow = false;     // on_break = follow
};

struct Version {
  int64_t id = 0;
  std::string base;
  std::string version;
  std::string schema;
  Oid schema_oid = InvalidOid;
};

struct VersionView {
  int64_t relation_id = 0;
  int64_t version_id = 0;
  std::string name;  // of the relation at publish, and of its version view
  Kind kind = Kind::kTable;
  Oid view = InvalidOid;
  Oid base = InvalidOid;     // InvalidOid: copied view, or its base relation is gone
  Oid inverse = InvalidOid;  // inverse view, where a mapping has a write direction of its own

  // Returns true when it has lost its base relation. A partition goes with its data.
  bool is_orphan() const {
    return (kind == Kind::kTable || kind == Kind::kTwin) && !OidIsValid(base);
  }
};

class Registry {
 public:
  // Returns true when the extension is created in this database and tracks or publishes something.
  bool in_use() const { return !bases_.empty() || !versions_.empty(); }

  // Returns true when all of it came with a dump, and strata.post_restore() was not called since.
  bool came_with_dump() const { return dumped_; }

  // Returns null when `schema` is no tracked base schema.
  const BaseSchema* base_schema(Oid schema) const;
  const BaseSchema* base_schema(const std::string& name) const;

  const std::vector<BaseSchema>& bases() const { return bases_; }

  // Returns null when `schema` is not the schema of a live version.
  const Version* version_of_schema(Oid schema) const;
  const Version* version(int64_t id) const;

  // Returns null when `view` is no view of a live version.
  const VersionView* view(Oid view) const;

  // Returns null when no view of a live version has this number in strata.published_relation.
  const VersionView* view_with_id(int64_t relation_id) const;

  // Returns the version view whose inverse view this is; null when it is none.
  const VersionView* view_of_inverse(Oid inverse) const;

  // Returns the views of live versions that read the base relation `base`; often empty.
  const std::vector<const VersionView*>& views_of(Oid base) const;

  const std::map<int64_t, Version>& versions() const { return versions_; }
  const std::unordered_map<Oid, VersionView>& views() const { return views_; }

  // Returns true when live versions of the view's base schema follow what breaks them.
  bool follows(const VersionView& view) const;

  // Returns true when a version view has lost its base relation.
  bool has_orphans() const { return orphans_; }

 private:
  friend struct Loader;
  std::vector<BaseSchema> bases_;
  std::map<int64_t, Version> versions_;
  std::unordered_map<Oid, const Version*> version_by_schema_;
  std::unordered_map<Oid, VersionView> views_;
  std::unordered_map<int64_t, const VersionView*> by_id_;
  std::unordered_map<Oid, const VersionView*> by_inverse_;
  std::unordered_map<Oid, std::vector<const VersionView*>> by_base_;
  bool orphans_ = false;
  bool dumped_ = false;
};

// Returns the registry as of now. The reference holds until the transaction ends, but shows what
// was when it was taken: a caller that changes the registry or runs DDL in between asks again.
// Raises what reading catalogs raises.
const Registry& registry();

// Returns true when the extension exists in this database (and is not being created right now).
bool extension_exists();

// Installs the invalidation callbacks. Called once from _PG_init.
void watch_registry();

}  // namespace strata::catalog
