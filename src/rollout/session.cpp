// Owns: the choice of a session, and when it may change (see session.hpp).
#include "rollout/session.hpp"

#include "pg/default_path.hpp"
#include "pg/spi.hpp"
#include "settings.hpp"

extern "C" {
#include "access/parallel.h"
#include "access/xact.h"
#include "utils/guc.h"
}

namespace strata::rollout {
namespace {

// Returns the bases of a route, each once.
std::vector<std::string> asked_bases(const char* route) {
  std::vector<std::string> out;
  for (const std::string& base : pg::identifiers_in(route).value_or(std::vector<std::string>()))
    if (std::find(out.begin(), out.end(), base) == out.end()) out.push_back(base);
  return out;
}

}  // namespace

Session::Session(const std::string& unit)
    : otherwise_(pg::default_path()), unit_(unit), now_{{}, otherwise_.path(), {}}, before_(now_) {}

// Where a SET LOCAL ends, or is rolled back, no catalogs can be read: then the next transaction
// decides.
void Session::route_changed(const char* route) noexcept {
  reroute_ = true;
  if (IsTransactionState() || !otherwise_.may_be_routed()) return;
  try {
    bases_ = asked_bases(route != nullptr ? route : "");
    if (bases_.empty())
      apply({});
    else
      open_up();
  } catch (...) {
    again_ = true;
  }
}

void Session::follow_route(bool at_end) {
  if (!reroute_ || (used_ && !at_end) || IsInParallelMode()) return;
  reroute_ = false;
  // Whoever connects without a path names everything in full.
  if (!otherwise_.may_be_routed()) return;
  bases_ = asked_bases(route_setting());
  // A role's setting counts in all databases.
  if (!bases_.empty() && !gates().exist()) bases_.clear();
  apply(decide());
}

Route Session::decide() {
  Route out;
  if (bases_.empty()) return out;
  Gates& known = gates();
  const model::GateClient& client = known.client(unit_.c_str());
  renamed_ = application_ != client.application_name;
  application_ = client.application_name;
  for (const std::string& base : bases_) {
    out.push_back({base, "", ""});
    const KnownGate* const gate = known.find(base);
    if (gate == nullptr) {
      warn(base, "It has no gate.",
           fmt::format("SELECT strata.set_gate({}, stable version);",
                       pg::quote_literal(pg::quote(base))));
      continue;
    }
    const Served served = serve(*gate, client);
    if (!served.fault.empty())
      warn(base, served.fault,
           fmt::format("SELECT strata.explain_route({});", pg::quote_literal(pg::quote(base))));
    if (served.version == nullptr) continue;
    out.back().version = served.version->version;
    out.back().schema = served.version->schema;
  }
  return out;
}

void Session::warn(const std::string& base, const std::string& detail, const std::string& hint) {
  if (!warned_.insert(base + '\0' + detail).second) return;
  // It is not the statement's fault, whatever is being looked for in it.
  ErrorContextCallback* const context = std::exchange(error_context_stack, nullptr);
  warning(fmt::format("schema \"{}\" is not routed as asked", base), detail, hint);
  error_context_stack = context;
}

void Session::apply(const Route& route) {
  if (IsInParallelMode()) {
    again_ = true;
    return;
  }
  const bool moves = route != now_.route;
  if (moves) {
    std::swap(now_, before_);
    if (route != now_.route) now_ = {route, path_of(route, otherwise_), shown(route)};
  }
  if (open_ || (moves && now_.path != before_.path)) pg::set_default_path(now_.path);
  if (moves) pg::set_serving(now_.serving);
  open_ = decided_ = false;
  left_out_.clear();
}

void Session::unit_changed(const char* unit) noexcept {
  try {
    unit_ = unit != nullptr ? unit : "";
    if (!is_routed()) return;
    if (used_ || IsInParallelMode())
      again_ = true;
    else if (const Way next = way(); next == Way::kUnknown)
      open_up();
    else if (next == Way::kOther)
      apply(decide());
  } catch (...) {
    again_ = true;
  }
}

// For units of transactions: most lead to where the session is, and this allocates nothing.
Session::Way Session::way() const {
  if (open_ || gates_are_stale()) return Way::kUnknown;
  Gates& known = *last_gates();
  const model::GateClient& client = known.client(unit_.c_str());
  Way out = now_.route.size() == bases_.size() ? Way::kSame : Way::kOther;
  for (size_t i = 0; i < bases_.size(); i++) {
    const KnownGate* const gate = known.find(bases_[i]);
    if (gate == nullptr) {
      out = Way::kOther;
      continue;
    }
    const std::string_view decided = model::decide(gate->gate, client).version;
    if (!is_served_at_once(*gate, decided)) return Way::kUnknown;
    if (out == Way::kOther) continue;
    const LiveVersion* const live = gate->find(decided);
    if (live == nullptr || !live->usable() || now_.route[i].base != bases_[i] ||
        now_.route[i].version != decided)
      out = Way::kOther;
  }
  return out;
}

void Session::gates_changed() noexcept {
  // Inside a transaction its end will see to it.
  if (!is_routed() || IsTransactionState()) return;
  try {
    open_up();
  } catch (...) {
    again_ = true;
  }
}

void Session::open_up() {
  const Gates* const known = last_gates();
  if (known == nullptr || IsInParallelMode()) {
    again_ = true;
    return;
  }
  open_schemas_.clear();
  open_path_ = path_of_all(now_.route, *known, otherwise_, open_schemas_);
  decided_ = false;
  open_ = true;
  // Also when it is in force already: what the server made of it has to be made anew.
  pg::set_default_path(open_path_);
}

void Session::decide_open() {
  next_ = decide();
  const auto is_there = [&](const Stop& stop) {
    return stop.version.empty() || open_schemas_.count(stop.schema) != 0;
  };
  if (!std::all_of(next_.begin(), next_.end(), is_there)) {
    // A version that was published since this session ran last is not in the path. It cannot be put
    // there while the path is read, so this transaction goes where the last one went.
    next_ = now_.route;
    used_ = again_ = true;
  }
  left_out_.clear();
  for (const std::string& base : bases_)
    if (const KnownGate* const gate = gates().find(base))
      for (const LiveVersion& live : gate->versions)
        if (open_schemas_.count(live.schema) != 0 &&
            std::none_of(next_.begin(), next_.end(),
                         [&](const Stop& stop) { return stop.schema == live.schema; }))
          left_out_.insert(live.oid());
  decided_ = true;
}

bool Session::searches(Oid schema) {
  if (!open_ || deciding_ || open_path_ != pg::search_path()) return true;
  if (!decided_) {
    // Not in the context that is current: since 17 it is that of the server's cache of paths.
    MemoryContext const context = MemoryContextSwitchTo(TopTransactionContext);
    deciding_ = true;
    try {
      decide_open();
    } catch (...) {
      deciding_ = false;
      throw;
    }
    deciding_ = false;
    MemoryContextSwitchTo(context);
  }
  return left_out_.count(schema) == 0;
}

void Session::settle() {
  if (!open_ || IsInParallelMode()) return;
  apply(decided_ ? next_ : decide());
}

// What the transaction had SET LOCAL, or takes back, is still in force here. So the next one
// decides.
void Session::ended() noexcept {
  used_ = false;
  if (!is_routed()) return;
  try {
    if (std::exchange(renamed_, false) || again_ || open_ || gates_are_stale() ||
        application_ != (application_name != nullptr ? application_name : "")) {
      again_ = false;
      open_up();
    }
  } catch (...) {
    again_ = true;
  }
}

}  // namespace strata::rollout
