// Scopes that change how the session runs and put it back: user, search_path, subtransaction, and
// C++ objects that live as long as a memory context.
//
// Scope: backend. All destructors are noexcept and raise nothing.
#pragma once

#include "pg/guard.hpp"

extern "C" {
#include "utils/resowner.h"
}

namespace strata::pg {

// Runs as `role` (SECURITY_LOCAL_USERID_CHANGE, as core's maintenance commands do) until destroyed.
class ActAs {
 public:
  explicit ActAs(Oid role) noexcept;

  // Also forbids what could outlive the scope (SECURITY_RESTRICTED_OPERATION), for code of others.
  struct Restricted {};
  ActAs(Oid role, Restricted) noexcept;
  ~ActAs();
  ActAs(const ActAs&) = delete;
  ActAs& operator=(const ActAs&) = delete;

 private:
  Oid user_;
  int context_;
};

// Returns true when a superuser replays a dump: pg_restore, and the scripts that pg_dump writes,
// begin with these settings, and hardly anybody else has them.
bool replays_dump();

// Pins search_path until destroyed. An abort undoes it through the GUC stack.
class PinnedSearchPath {
 public:
  // `path` as SET takes it; names that come from outside are quoted by the caller.
  explicit PinnedSearchPath(const std::string& path = "pg_catalog, pg_temp");
  ~PinnedSearchPath();
  PinnedSearchPath(const PinnedSearchPath&) = delete;
  PinnedSearchPath& operator=(const PinnedSearchPath&) = delete;

 private:
  int level_;
};

// Has values and definitions be written in one way, whatever the session likes, until destroyed. An
// abort undoes it through the GUC stack.
class PinnedFormats {
 public:
  PinnedFormats();
  ~PinnedFormats();
  PinnedFormats(const PinnedFormats&) = delete;
  PinnedFormats& operator=(const PinnedFormats&) = delete;

 private:
  int level_;  // 0: all was so
};

// Both at once, at the cost of one.
class PinnedForDefinitions {
 public:
  PinnedForDefinitions();
  ~PinnedForDefinitions();
  PinnedForDefinitions(const PinnedForDefinitions&) = delete;
  PinnedForDefinitions& operator=(const PinnedForDefinitions&) = delete;

 private:
  int level_;
};

// Sends the client nothing below WARNING until destroyed. An abort undoes it through the GUC stack.
class Quiet {
 public:
  Quiet();
  ~Quiet();
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;

 private:
  int level_;
};

// An internal subtransaction: commit() keeps its work, destruction without commit rolls it back.
class Subtransaction {
 public:
  Subtransaction();

  // One in which nothing can be written.
  struct ReadOnly {};
  explicit Subtransaction(ReadOnly);
  ~Subtransaction();
  void commit();
  Subtransaction(const Subtransaction&) = delete;
  Subtransaction& operator=(const Subtransaction&) = delete;

 private:
  MemoryContext context_;
  ResourceOwner owner_;
  bool open_ = true;
};

namespace raw {

// The same between two points of a raise-kind function: plain data, because a longjmp skips
// destructors. When something raises in between, the abort of the (sub)transaction restores the
// user.
struct ActingAs {
  Oid user;
  int context;
};
ActingAs act_as(Oid role);
ActingAs act_restricted_as(Oid role);
void stop_acting(const ActingAs& saved);

}  // namespace raw

// Returns a new memory context below the current one.
MemoryContext make_context(const char* name);

// Constructs a T that dies with the memory context `context`, also when a longjmp skips our frames.
template <class T, class... Args>
T* make_in(MemoryContext context, Args&&... args) {
  static_assert(std::is_nothrow_destructible_v<T>);
  struct Slot {
    MemoryContextCallback callback;
    T value;
  };
  Slot* slot =
      call([&] { return static_cast<Slot*>(MemoryContextAllocZero(context, sizeof(Slot))); });
  new (&slot->value) T(std::forward<Args>(args)...);
  slot->callback.func = [](void* arg) { static_cast<T*>(arg)->~T(); };
  slot->callback.arg = &slot->value;
  MemoryContextRegisterResetCallback(context, &slot->callback);
  return &slot->value;
}

// Returns the role that owns the extension's tables; raises XX000 when the extension is not there.
Oid extension_owner();

// Returns a number that changes when effects of catalog changes become visible to this transaction.
uint32_t command_number();

// Makes the effects of catalog changes so far visible to this transaction.
void command_counter_increment();

}  // namespace strata::pg
