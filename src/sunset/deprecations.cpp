// Owns: the session's copy of what is deprecated (see deprecations.hpp).
#include "sunset/deprecations.hpp"

#include "catalog/registry.hpp"
#include "guard/window_row.hpp"
#include "pg/catalog_watch.hpp"
#include "pg/table_scan.hpp"
#include "pg/zone.hpp"

extern "C" {
#include "utils/timestamp.h"
}

namespace strata::sunset {
namespace {

// Positions of the columns; the install script keeps them for ever.
enum VersionColumn {
  kVersionId = 1,
  kVersionBase,
  kVersionVersion,
  kVersionSchema,
  kVersionState,
  kVersionPublishedAt = 8,
  kVersionReason = 11,
  kVersionSunset
};
enum BrownoutColumn { kBrownoutVersion = 2, kStarts, kDuration, kRule, kZone };

struct Copy {
  std::map<int64_t, Deprecated> versions;
  std::map<std::string, pg::ServerZone> zones;  // windows point to them
};

// Never freed: a static object would have a destructor that runs at exit.
Copy* current = nullptr;
bool stale = true;
Oid version_table = InvalidOid;
Oid brownout_table = InvalidOid;

void forget(Oid relation) noexcept {
  if (!OidIsValid(relation) || relation == version_table || relation == brownout_table)
    stale = true;
}

// What stays, by base: the version published last.
struct Successor {
  TimestampTz published_at;
  std::string version;
  std::string schema;
};

void read_versions(Copy& out) {
  const pg::TableRows rows = pg::read_table("strata", "published_version");
  version_table = rows.relid();
  std::map<std::string, Successor> successors;
  for (int i = 0; i < rows.count(); i++) {
    const std::string state = rows.text(i, kVersionState);
    const std::string base = rows.name(i, kVersionBase);
    if (state == "active") {
      const TimestampTz at = DatumGetTimestampTz(rows.datum(i, kVersionPublishedAt));
      const auto known = successors.find(base);
      if (known == successors.end() || known->second.published_at < at)
        successors[base] = {at, rows.text(i, kVersionVersion), rows.name(i, kVersionSchema)};
    }
    if (state != "deprecated") continue;
    Deprecated version;
    version.id = rows.int8(i, kVersionId);
    version.base = base;
    version.version = rows.text(i, kVersionVersion);
    version.reason = rows.text(i, kVersionReason);
    if (!rows.is_null(i, kVersionSunset))
      version.sunset = DatumGetTimestampTz(rows.datum(i, kVersionSunset));
    out.versions.emplace(version.id, std::move(version));
  }
  for (auto& [id, version] : out.versions) {
    const auto found = successors.find(version.base);
    if (found == successors.end()) continue;
    version.successor = found->second.version;
    version.successor_schema = found->second.schema;
  }
}

const pg::ServerZone* zone(Copy& out, const std::string& name) {
  const auto known = out.zones.find(name);
  if (known != out.zones.end()) return &known->second;
  const auto found = pg::zone_named(name);
  return found ? &out.zones.emplace(name, *found).first->second : nullptr;
}

// A row that was edited by hand into something else is no brownout.
void read_brownouts(Copy& out) {
  const pg::TableRows rows = pg::read_table("strata", "brownout");
  brownout_table = rows.relid();
  for (int i = 0; i < rows.count(); i++) {
    const auto version = out.versions.find(rows.int8(i, kBrownoutVersion));
    if (version == out.versions.end()) continue;
    guard::WindowRow row;
    row.starts = DatumGetTimestamp(rows.datum(i, kStarts));
    row.duration = *DatumGetIntervalP(rows.datum(i, kDuration));
    if (!rows.is_null(i, kRule)) row.rrule = rows.text(i, kRule);
    std::optional<model::RRule> rule;
    const pg::ServerZone* in = zone(out, rows.text(i, kZone));
    if (in == nullptr || guard::read_row(row, rule)) continue;
    version->second.brownouts.push_back(guard::make_window(row, rule, *in));
  }
}

const Copy& deprecations() {
  const bool exists = catalog::extension_exists();
  if (!exists) {
    static const auto* const none = new Copy();
    stale = true;
    return *none;
  }
  if (!stale && current != nullptr) return *current;
  // Cleared first: what arrives while reading makes the copy stale again.
  stale = false;
  try {
    auto fresh = std::make_unique<Copy>();
    read_versions(*fresh);
    if (!fresh->versions.empty()) read_brownouts(*fresh);
    // In the middle of CREATE EXTENSION there is no table yet that could tell us of changes.
    if (!OidIsValid(version_table)) stale = true;
    delete current;
    current = fresh.release();
  } catch (...) {
    stale = true;
    throw;
  }
  return *current;
}

}  // namespace

Answer served_at(const Deprecated& version, model::Instant at) {
  if (version.sunset && at >= *version.sunset) return {Served::kSunset, model::kEndOfTime};
  Answer out{Served::kYes, version.sunset.value_or(model::kEndOfTime)};
  for (const model::Window& brownout : version.brownouts) {
    const auto now = brownout.latest(at);
    if (now && now->contains(at)) {
      // Of several the one that lasts longest counts.
      if (out.served == Served::kYes) out = {Served::kBrownout, now->end};
      out.until = std::max(out.until, now->end);
    } else if (out.served == Served::kYes) {
      if (const auto next = brownout.following(at)) out.until = std::min(out.until, next->begin);
    }
  }
  return out;
}

const Deprecated* deprecated_version_of(Oid view) {
  const Copy& copy = deprecations();
  if (copy.versions.empty()) return nullptr;
  const catalog::VersionView* of = catalog::registry().view(view);
  if (of == nullptr) return nullptr;
  const auto found = copy.versions.find(of->version_id);
  return found == copy.versions.end() ? nullptr : &found->second;
}

bool any_deprecated() {
  return !deprecations().versions.empty();
}

void watch_deprecations() {
  pg::on_relation_change(forget);
}

}  // namespace strata::sunset
