// When which database has its turn: one list of databases for each kind of short-lived worker.
//
// Scope: the launcher's process.
#pragma once

#include "pg/guard.hpp"

extern "C" {
#include "postmaster/bgworker.h"
#include "utils/timestamp.h"
}

namespace strata::worker {

// A database with work for a worker.
struct Waiting {
  Oid database;
  uint64_t mark;  // changes when a worker has done something
  // No value: an interval after it was first seen. DT_NOBEGIN: somebody has asked.
  std::optional<TimestampTz> due;
};

// What one kind of worker is for.
struct Task {
  // Returns the databases that have something to do, those first that have waited longest where
  // that is known.
  std::vector<Waiting> (*waiting)();
  // How long, in microseconds, work waits until a worker is started for it.
  int64_t (*interval)();
  BackgroundWorkerHandle* (*start)(Oid database);
  // The database is not there any more.
  void (*forget)(Oid database);
  // Several workers have failed there, one after the other.
  void (*give_up)(Oid database);
};

class Turns {
 public:
  explicit Turns(const Task& task) : task_(task) {}

  // Looks at what waits and at the workers, and starts those whose time has come. Returns how many
  // microseconds to sleep; -1: until woken, by a session or by the end of a worker.
  int64_t round();

 private:
  // What is known of a database with work.
  struct Database {
    TimestampTz due = 0;  // when a worker is to be started
    int failures = 0;     // in a row
    TimestampTz failed_at = 0;
    BackgroundWorkerHandle* worker = nullptr;
    uint64_t mark = 0;  // when the worker was started
  };

  void forget_others(const std::vector<Waiting>& waiting);
  static bool is_running(const Database& database);
  bool has_ended(Database& database, const Waiting& waiting, TimestampTz now) const;
  void visit(const Waiting& waiting, Database& database, TimestampTz now);

  Task task_;
  std::map<Oid, Database> databases_;
  TimestampTz last_round_ = DT_NOBEGIN;
};

}  // namespace strata::worker
