// The gates of this database, kept by the session, and what they say to it.
//
// Scope: backend; read again on first use after an invalidation (a trigger on strata.gate, changes
// of versions, schemas and memberships). Evaluating looks at catalogs where it leads to a version
// for the first time.
// Called by the routing of sessions and by the SQL functions.
#pragma once

#include "model/gate.hpp"
#include "pg/prelude.hpp"

namespace strata::rollout {

// A version that clients may be sent to.
class LiveVersion {
 public:
  LiveVersion(std::string name, std::string in) : version(std::move(name)), schema(std::move(in)) {}

  std::string version;
  std::string schema;

  // Read catalogs when they are asked for the first time: a session has to do with one version of
  // many. InvalidOid: the schema is gone.
  Oid oid() const;
  bool usable() const;  // by the session's user

  // Returns true when those two read no catalogs any more.
  bool is_looked_up() const { return looked_up_; }

 private:
  void look_up() const;

  mutable bool looked_up_ = false;
  mutable Oid oid_ = InvalidOid;
  mutable bool usable_ = false;
};

struct KnownGate {
  std::string base;
  model::Gate gate;
  std::string rules;                  // those of the gate, as stored
  std::vector<LiveVersion> versions;  // all live versions of the base

  // Returns null when the base has no live version of that name.
  const LiveVersion* find(std::string_view version) const;
};

// Where a client goes.
struct Served {
  const LiveVersion* version = nullptr;  // null: nowhere, as not even the stable version is there
  model::GateDecision decision;          // what the gate said
  std::string fault;                     // why that was not followed, a sentence; empty: it was
};

class Gates {
 public:
  // Returns false where the extension is not there.
  bool exist() const { return exist_; }

  // Returns null when the base has no gate.
  const KnownGate* find(const std::string& base) const;

  // Returns what is known of this session's client, with a unit. Holds until the next call.
  const model::GateClient& client(const char* unit);

 private:
  friend struct GateLoader;
  bool exist_ = false;
  std::vector<KnownGate> gates_;
  model::GateClient client_;
};

// Returns the gates as of now; none where the extension is not there. The reference holds until
// the next call. Raises what reading catalogs raises.
Gates& gates();

// Reads the tables of gates and versions, schemas not looked up; says which tables they are.
struct CopiedFrom;
std::vector<KnownGate> read_gates(CopiedFrom& from);

// Returns the gates as they were last read, whatever happened since; null: never.
Gates* last_gates() noexcept;

// Returns true when gates() would take the copy among the settings of the database.
bool gates_are_copied() noexcept;

// Returns true when gates() has to read catalogs.
bool gates_are_stale() noexcept;

// Returns where the gate sends the client: what it decides, or the stable version when that is not
// live, has lost its schema, or may not be used by the session's user.
Served serve(const KnownGate& gate, const model::GateClient& client);

// Returns true when serve() would look at no catalogs for a client for whom the gate decided so.
bool is_served_at_once(const KnownGate& gate, std::string_view decided);

// Installs the invalidation callbacks; `changed` is called with every invalidation, where catalogs
// cannot be read. Called once from _PG_init.
void watch_gates(void (*changed)() noexcept);

}  // namespace strata::rollout
