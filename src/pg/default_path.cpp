// Owns: setting the default of search_path (see default_path.hpp).
#include "pg/default_path.hpp"

extern "C" {
#include "access/parallel.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "commands/dbcommands.h"
#include "replication/walsender.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/varlena.h"
}

namespace strata::pg {
namespace {

bool setting_serving = false;

// With an elevel below ERROR the server says what is wrong and returns 0.
bool set_default(const char* name, const std::string& value) noexcept {
  return set_config_option(name, value.c_str(), PGC_USERSET, PGC_S_OVERRIDE, GUC_ACTION_SET, true,
                           WARNING, false) > 0;
}

}  // namespace

const char* search_path() noexcept {
  return namespace_search_path != nullptr ? namespace_search_path : "";
}

std::string default_path() {
  const char* const path = call([] { return GetConfigOptionResetString("search_path"); });
  return path != nullptr ? path : "";
}

void set_default_path(const std::string& path) noexcept {
  // 0 and -1 are not told apart from success of the default alone: a session's own SET stays.
  (void)set_default("search_path", path);
}

void set_serving(const std::string& serving) noexcept {
  setting_serving = true;
  (void)set_default("pg_strata.serving", serving);
  setting_serving = false;
}

bool sets_serving() noexcept {
  return setting_serving || InitializingParallelWorker;
}

std::optional<std::vector<std::string>> identifiers_in(const std::string& list) {
  struct Names {
    bool valid;
    List* names;
  };
  const Names read = call([&] {
    Names out{};
    out.valid = SplitIdentifierString(pstrdup(list.c_str()), ',', &out.names);
    return out;
  });
  if (!read.valid) return std::nullopt;
  std::vector<std::string> out;
  ListCell* cell;
  foreach (cell, read.names)
    out.emplace_back(static_cast<const char*>(lfirst(cell)));
  return out;
}

bool serves_ordinary_client() {
  return MyBackendType == B_BACKEND && !am_walsender && OidIsValid(MyDatabaseId) &&
         !call([] { return superuser_arg(GetSessionUserId()); });
}

bool may_use_schema(Oid schema, Oid role) {
  return call([&] { return strata_compat_schema_aclcheck(schema, role, ACL_USAGE); }) ==
         ACLCHECK_OK;
}

std::string database_name() {
  const char* const name = call([] { return get_database_name(MyDatabaseId); });
  return name != nullptr ? name : "";
}

bool is_member(Oid role, const std::string& group) {
  return call([&] {
    const Oid oid = get_role_oid(group.c_str(), true);
    return OidIsValid(oid) && is_member_of_role_nosuper(role, oid);
  });
}

}  // namespace strata::pg
