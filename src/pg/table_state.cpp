// Owns: the files of relations and who made them (see table_facts.hpp).
#include <sys/stat.h>

#include "pg/lock.hpp"
#include "pg/table_facts.hpp"

extern "C" {
#include "utils/fmgrprotos.h"
#include "utils/relcache.h"
}

namespace strata::pg {
namespace raw {

// Returns the path of the relation's files; null when it has none.
static char* file_path(Oid relation) {
  LOCAL_FCINFO(info, 1);
  InitFunctionCallInfoData(*info, NULL, 1, InvalidOid, NULL, NULL);
  info->args[0].value = ObjectIdGetDatum(relation);
  info->args[0].isnull = false;
  Datum path = pg_relation_filepath(info);
  return info->isnull ? nullptr : text_to_cstring(DatumGetTextPP(path));
}

static bool made_here(Oid relation) {
  Relation rel = RelationIdGetRelation(relation);
  if (!RelationIsValid(rel)) return false;
  bool out = rel->rd_createSubid != InvalidSubTransactionId;
  RelationClose(rel);
  return out;
}

}  // namespace raw

namespace {

int64_t file_bytes(Oid relation) {
  const char* path = call([&] { return raw::file_path(relation); });
  if (path == nullptr) return 0;
  int64_t bytes = 0;
  // A relation is cut into segments of 1 GB: name, name.1, name.2, ...
  for (int segment = 0;; segment++) {
    struct stat state;
    const std::string name = segment == 0 ? path : fmt::format("{}.{}", path, segment);
    if (stat(name.c_str(), &state) != 0) return errno == ENOENT && segment > 0 ? bytes : -1;
    bytes += state.st_size;
    if (state.st_size < int64_t{RELSEG_SIZE} * BLCKSZ) return bytes;
  }
}

}  // namespace

int64_t disk_bytes(Oid relation) {
  const TableFacts facts = table_facts(relation);
  if (!facts.has_storage()) return 0;
  const int64_t main = file_bytes(relation);
  if (main < 0 || !OidIsValid(facts.toast)) return main;
  const int64_t toast = file_bytes(facts.toast);
  return toast < 0 ? -1 : main + toast;
}

// The relation cache may be asked about a relation without a lock only by who has one: who made it
// does.
bool made_here(Oid relation) {
  if (!holds_lock(relation, AccessShareLock)) return false;
  return call([&] { return raw::made_here(relation); });
}

}  // namespace strata::pg
