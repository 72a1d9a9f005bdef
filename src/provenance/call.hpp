// Calls of ours that change something: recorded as statements are, with their arguments.
//
//   STRATA_CHANGE(publish) { ...; return args.none(); }
//
// is STRATA_FUNCTION(publish), and records the call when it has returned. Which schema, relation,
// version or proposal it is about is in its arguments, by their names and types.
#pragma once

#include "pg/function.hpp"

namespace strata::guard {
class Admission;
}

namespace strata::provenance {

class Capture;
struct Change;

class Call {
 public:
  explicit Call(const pg::Arguments& args);
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // Records it, unless pg_strata.mode is off.
  void record(Datum result);

  // Says what the guard decided on the call under way, where it decides on such calls.
  static void decided(const guard::Admission& admission);

 private:
  void read_argument(int i, const std::string& name, Oid type);

  const pg::Arguments& args_;
  Capture* capture_ = nullptr;
  std::string function_;
  std::string base_;
  bool was_tracked_ = true;
  std::string object_;
  std::set<std::string> objects_;
  Oid relation_ = InvalidOid;
  std::vector<std::string> versions_;
  std::optional<int64_t> proposal_;
  std::optional<int64_t> override_;
  std::string call_;                  // as it could be written
  std::string json_;                  // its arguments
  std::unique_ptr<Change> decision_;  // columns of it; null: nothing was decided
  Call* const outer_ = std::exchange(innermost_, this);
  int exceptions_ = std::uncaught_exceptions();

  static inline Call* innermost_ = nullptr;
};

// Adds the definitions of all that is in the schema, as members of a JSON object, and what they are
// of to the change.
void add_shapes(std::string& out, Oid schema, Change* change);

}  // namespace strata::provenance

#define STRATA_CHANGE(name)                                      \
  static Datum name##_change(const strata::pg::Arguments& args); \
  STRATA_FUNCTION(name) {                                        \
    strata::provenance::Call recorded(args);                     \
    const Datum result = name##_change(args);                    \
    recorded.record(result);                                     \
    return result;                                               \
  }                                                              \
  static Datum name##_change([[maybe_unused]] const strata::pg::Arguments& args)
