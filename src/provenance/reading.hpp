// How definitions are read: of what is committed now, and written in one way.
#pragma once

#include "pg/session.hpp"

extern "C" {
#include "utils/snapmgr.h"
}

namespace strata::provenance {

// Definitions name what is in other schemas with its schema, whatever the session's search_path is.
class Reading {
 public:
  Reading() {
    pg::call([] { PushActiveSnapshot(GetLatestSnapshot()); });
  }
  ~Reading() {
    if (std::uncaught_exceptions() == exceptions_) PopActiveSnapshot();
  }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

 private:
  int exceptions_ = std::uncaught_exceptions();
  pg::PinnedForDefinitions pinned_;
};

}  // namespace strata::provenance
