// Owns: what only sequences, foreign tables and aggregates have (see shape.hpp).
#include "pg/json_writer.hpp"
#include "pg/shape.hpp"

extern "C" {
#include "catalog/dependency.h"
#include "catalog/pg_aggregate.h"
#include "catalog/pg_foreign_table.h"
#include "catalog/pg_sequence.h"
#include "foreign/foreign.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"
}

namespace strata::pg::raw {

void write_sequence(JsonWriter& out, Oid relation) {
  HeapTuple tuple = SearchSysCache1(SEQRELID, ObjectIdGetDatum(relation));
  if (!HeapTupleIsValid(tuple)) return;
  auto* row = reinterpret_cast<Form_pg_sequence>(GETSTRUCT(tuple));
  out.member("type", format_type_be(row->seqtypid));
  out.member("start", row->seqstart);
  out.member("increment", row->seqincrement);
  out.member("minimum", row->seqmin);
  out.member("maximum", row->seqmax);
  out.member("cache", row->seqcache);
  out.flag("cycle", row->seqcycle);
  Oid table;
  int32 column;
  if (sequenceIsOwned(relation, DEPENDENCY_AUTO, &table, &column) ||
      sequenceIsOwned(relation, DEPENDENCY_INTERNAL, &table, &column)) {
    const char* schema = get_namespace_name(get_rel_namespace(table));
    const char* name = get_attname(table, static_cast<AttrNumber>(column), true);
    if (schema != nullptr && name != nullptr)
      out.member("owned_by",
                 psprintf("%s.%s", quote_qualified_identifier(schema, get_rel_name(table)),
                          quote_identifier(name)));
  }
  ReleaseSysCache(tuple);
}

void write_foreign_table(JsonWriter& out, Oid relation) {
  HeapTuple tuple = SearchSysCache1(FOREIGNTABLEREL, ObjectIdGetDatum(relation));
  if (!HeapTupleIsValid(tuple)) return;
  auto* row = reinterpret_cast<Form_pg_foreign_table>(GETSTRUCT(tuple));
  const ForeignServer* server = GetForeignServerExtended(row->ftserver, FSV_MISSING_OK);
  if (server != nullptr) out.member("server", server->servername);
  bool is_null;
  const Datum options =
      SysCacheGetAttr(FOREIGNTABLEREL, tuple, Anum_pg_foreign_table_ftoptions, &is_null);
  write_texts(out, "foreign_options", options, is_null);
  ReleaseSysCache(tuple);
}

static void write_support(JsonWriter& out, const char* key, Oid function) {
  if (OidIsValid(function))
    out.member(key, format_procedure_extended(function, FORMAT_PROC_FORCE_QUALIFY));
}

void write_aggregate(JsonWriter& out, Oid function) {
  HeapTuple tuple = SearchSysCache1(AGGFNOID, ObjectIdGetDatum(function));
  if (!HeapTupleIsValid(tuple)) return;
  auto* row = reinterpret_cast<Form_pg_aggregate>(GETSTRUCT(tuple));
  write_support(out, "transition", row->aggtransfn);
  write_support(out, "final", row->aggfinalfn);
  write_support(out, "combine", row->aggcombinefn);
  write_support(out, "serialize", row->aggserialfn);
  write_support(out, "deserialize", row->aggdeserialfn);
  write_support(out, "moving_transition", row->aggmtransfn);
  write_support(out, "moving_inverse", row->aggminvtransfn);
  write_support(out, "moving_final", row->aggmfinalfn);
  out.member("state", format_type_be_qualified(row->aggtranstype));
  bool is_null;
  const Datum initial = SysCacheGetAttr(AGGFNOID, tuple, Anum_pg_aggregate_agginitval, &is_null);
  if (!is_null) out.member("initial", TextDatumGetCString(initial));
  ReleaseSysCache(tuple);
}

}  // namespace strata::pg::raw
