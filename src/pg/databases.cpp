// Owns: the scan of pg_database (see databases.hpp).
#include "pg/databases.hpp"

#include "pg/guard.hpp"

extern "C" {
#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_database.h"
}

namespace strata::pg {
namespace {

// What DROP DATABASE leaves in datconnlimit when it is interrupted: nobody can connect any more,
// and all that can be done is to drop it. DATCONNLIMIT_INVALID_DB, which headers have from 15.4 on.
constexpr int32 kInvalid = -2;

// Raise-kind. Calls `visit` with every row that is valid, in a transaction of its own; it raises
// nothing.
template <class Visit>
void raw_visit_databases(const Visit& visit) {
  StartTransactionCommand();
  Relation relation = table_open(DatabaseRelationId, AccessShareLock);
  TableScanDesc scan = table_beginscan_catalog(relation, 0, nullptr);
  while (HeapTuple tuple = heap_getnext(scan, ForwardScanDirection)) {
    const FormData_pg_database& row = *reinterpret_cast<Form_pg_database>(GETSTRUCT(tuple));
    if (row.datconnlimit != kInvalid) visit(row);
  }
  table_endscan(scan);
  table_close(relation, AccessShareLock);
  CommitTransactionCommand();
}

}  // namespace

bool database_exists(Oid database) {
  bool found = false;
  call([&] {
    raw_visit_databases([&](const FormData_pg_database& row) { found |= row.oid == database; });
  });
  return found;
}

std::vector<Oid> client_databases() {
  // Rows are counted first: nothing may be allocated where the server raises.
  constexpr size_t kMore = 64;  // made while they are counted
  size_t rows = 0;
  call([&] { raw_visit_databases([&](const FormData_pg_database&) { rows++; }); });
  std::vector<Oid> out;
  out.reserve(rows + kMore);
  call([&] {
    raw_visit_databases([&](const FormData_pg_database& row) {
      if (row.datallowconn && !row.datistemplate && out.size() < out.capacity())
        out.push_back(row.oid);
    });
  });
  return out;
}

}  // namespace strata::pg
