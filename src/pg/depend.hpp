// pg_depend as a graph: what depends on an object, and what an object is an internal part of.
#pragma once

#include "pg/guard.hpp"

namespace strata::pg {

struct Object {
  Oid classid = InvalidOid;
  Oid objid = InvalidOid;
  int32_t subid = 0;
  auto operator<=>(const Object&) const = default;
};

struct Dependency {
  Object object;
  char type;    // pg_depend.deptype
  bool is_new;  // said in this transaction
};

// Returns what depends on `object` (on any of its columns too, when subid is 0).
std::vector<Dependency> dependents_of(const Object& object);

// Returns what `object` depends on.
std::vector<Dependency> dependencies_of(const Object& object);

// While one lives, what these two return is kept until something changes in the catalogs: several
// parts of the DDL path walk the same graph before a statement.
class RememberedDependencies {
 public:
  RememberedDependencies() noexcept;
  ~RememberedDependencies();
  RememberedDependencies(const RememberedDependencies&) = delete;
  RememberedDependencies& operator=(const RememberedDependencies&) = delete;
};

// Returns true when this transaction made the object in its schema, or moved it there. Not for
// relations, whose files tell it, and for what is in no schema.
bool made_here(const Object& object);

// Returns the columns, of any relation, whose type is the domain or a domain over it.
std::vector<Object> columns_of_domain(Oid domain);

// Returns the relation a rewrite rule belongs to; InvalidOid when the rule is gone.
Oid relation_of_rule(Oid rule);

// Returns the relation and column a pg_attrdef row belongs to; an invalid object when it is gone.
Object column_of_default(Oid attrdef);

// Returns the relation that the object is, or is a part of: a column, constraint, trigger, default,
// rule or policy. InvalidOid for what is none of these.
Oid relation_of_part(const Object& object);

// Returns the domain that a constraint is of; InvalidOid when it is of none.
Oid domain_of_constraint(Oid constraint);

// Returns the schema that default privileges are for; InvalidOid when they are for all.
Oid schema_of_default_acl(Oid default_acl);

// Returns the objects of this database that the role owns.
std::vector<Object> owned_by(Oid role);

// Returns those, and the objects whose rights or policies say the role's name.
std::vector<Object> saying_role(Oid role);

// Returns false when the current user owns neither the object nor the schema it is in, so that core
// will not let him drop it. Kinds of objects that are not asked about here: true.
bool may_drop(const Object& object);

// Returns a name of the object for messages, as pg_describe_object does. Raises if it is half gone.
std::string describe(const Object& object);

}  // namespace strata::pg
