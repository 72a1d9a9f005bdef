// Whether a version may go: whether clients are sent to it, and whether they have used it lately.
#pragma once

#include "catalog/registry.hpp"

namespace strata::version {

// Raises ST005 when the gate of the base names the version: its clients would be sent nowhere, or
// elsewhere than it says. Nothing changes gates until the transaction ends: the caller has the
// VersionLock.
void require_unrouted(const catalog::Version& version);

// Raises ST005 unless it is known that nobody used the version for retire_after_idle of its base,
// or since it was published: it was used, or what was counted does not reach back that far. Warns
// of the same with pg_strata.mode = record; nothing with off. What is counted is that of this
// server: telemetry/.
void require_idle(const catalog::Version& version);

}  // namespace strata::version
