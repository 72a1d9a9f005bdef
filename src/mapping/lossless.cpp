// Owns: the list of casts that are exact or raise (see lossless.hpp).
//
// What is not on it, and why: numeric to integer and float8 to float4 round; timestamp to date cuts
// off; timestamptz depends on TimeZone; json, uuid, inet and numeric in text have several spellings
// of one value; a cast to a shorter varchar or to char truncates.
#include "mapping/lossless.hpp"

extern "C" {
#include "catalog/pg_type_d.h"
#include "utils/lsyscache.h"
}

namespace strata::mapping::raw {
namespace {

bool is_integer(Oid type) {
  return type == INT2OID || type == INT4OID || type == INT8OID;
}

bool is_text(Oid type) {
  return type == TEXTOID || type == VARCHAROID;
}

bool is_label(Oid type) {
  return is_text(type) || type_is_enum(type);
}

}  // namespace

bool keeps_values(Oid version, int32_t version_typmod, Oid base, int32_t base_typmod) {
  version = getBaseTypeAndTypmod(version, &version_typmod);
  base = getBaseTypeAndTypmod(base, &base_typmod);
  if (version == base && version_typmod == base_typmod) return true;
  if (is_integer(version) && is_integer(base)) return true;
  // Reading truncates where the version's type is the shorter one; writing raises.
  if (is_text(version) && is_text(base))
    return version_typmod == -1 || (base_typmod != -1 && version_typmod >= base_typmod);
  // By label: a label that the other side does not have raises.
  if (is_label(version) && is_label(base)) return version_typmod == -1 && base_typmod == -1;
  return false;
}

}  // namespace strata::mapping::raw
