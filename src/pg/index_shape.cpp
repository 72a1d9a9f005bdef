// Owns: reading indexes as definitions (see index_shape.hpp).
#include "pg/index_shape.hpp"

extern "C" {
#include "access/attmap.h"
#include "access/genam.h"
#include "access/relation.h"
#include "catalog/pg_index.h"
#include "nodes/makefuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_utilcmd.h"
#include "utils/lsyscache.h"
#include "utils/relcache.h"
#include "utils/syscache.h"
}

namespace strata::pg {
namespace raw {

// Turns the key columns of a definition into expressions over the relation as varno 1.
static void keys_to_expressions(Oid relation, List* elements) {
  ListCell* cell;
  foreach (cell, elements) {
    auto* element = lfirst_node(IndexElem, cell);
    if (element->name == nullptr) continue;
    AttrNumber attnum = get_attnum(relation, element->name);
    Oid type;
    int32 typmod;
    Oid collation;
    get_atttypetypmodcoll(relation, attnum, &type, &typmod, &collation);
    element->expr = reinterpret_cast<Node*>(makeVar(1, attnum, type, typmod, collation, 0));
  }
}

static IndexStmt* definition_of(Relation table, Relation index) {
  AttrMap* identity = make_attrmap(RelationGetDescr(table)->natts);
  for (int i = 0; i < identity->maplen; i++)
    identity->attnums[i] = static_cast<AttrNumber>(i + 1);
  Oid constraint = InvalidOid;
  IndexStmt* stmt = generateClonedIndexStmt(nullptr, index, identity, &constraint);
  keys_to_expressions(RelationGetRelid(table), stmt->indexParams);
  return stmt;
}

// Returns true when an expression of the index reads the whole row. No version shows that row, so
// such an index serves no look-up through one; and generateClonedIndexStmt() raises for it.
static bool reads_whole_row(Relation index) {
  Bitmapset* columns = nullptr;
  for (AttrNumber attribute : {Anum_pg_index_indexprs, Anum_pg_index_indpred}) {
    bool isnull;
    Datum stored = SysCacheGetAttr(INDEXRELID, index->rd_indextuple, attribute, &isnull);
    if (!isnull)
      pull_varattnos(static_cast<Node*>(stringToNode(TextDatumGetCString(stored))), 1, &columns);
  }
  return bms_is_member(0 - FirstLowInvalidHeapAttributeNumber, columns);
}

// Returns true when the index may read one of the columns: an expression or a predicate may. Spares
// the others the making of a definition, which costs more than everything else here.
static bool may_read(Relation index, const Bitmapset* columns) {
  if (!heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, nullptr)) return true;
  for (int i = 0; i < index->rd_index->indnatts; i++) {
    AttrNumber attnum = index->rd_index->indkey.values[i];
    if (attnum == 0 || (attnum > 0 && bms_is_member(attnum, columns))) return true;
  }
  return false;
}

RawShapes index_shapes(Oid relation, const Bitmapset* columns) {
  Relation table = try_relation_open(relation, AccessShareLock);
  if (table == nullptr) return {0, nullptr};
  List* indexes = table->rd_rel->relhasindex ? RelationGetIndexList(table) : NIL;
  RawShapes out{0,
                static_cast<RawShape*>(palloc0(sizeof(RawShape) * Max(list_length(indexes), 1)))};
  ListCell* cell;
  foreach (cell, indexes) {
    Relation index = index_open(lfirst_oid(cell), AccessShareLock);
    if (index->rd_index->indisvalid && !index->rd_index->indisexclusion &&
        (columns == nullptr || may_read(index, columns)) && !reads_whole_row(index)) {
      RawShape* item = &out.items[out.count++];
      item->index = RelationGetRelid(index);
      item->definition = definition_of(table, index);
      ListCell* element;
      foreach (element, item->definition->indexParams)
        pull_varattnos(lfirst_node(IndexElem, element)->expr, 1, &item->columns);
      pull_varattnos(item->definition->whereClause, 1, &item->columns);
    }
    index_close(index, AccessShareLock);
  }
  relation_close(table, AccessShareLock);
  return out;
}

}  // namespace raw

std::vector<IndexShape> index_shapes(Oid relation, const std::vector<AttrNumber>& columns) {
  const raw::RawShapes shapes = call([&] {
    Bitmapset* wanted = nullptr;
    for (const AttrNumber attnum : columns)
      wanted = bms_add_member(wanted, attnum);
    return raw::index_shapes(relation, wanted);
  });
  std::vector<IndexShape> out;
  for (int i = 0; i < shapes.count; i++) {
    const raw::RawShape& from = shapes.items[i];
    IndexShape shape{relation, from.index, {}, from.definition};
    bool reads = false;
    for (int bit = bms_next_member(from.columns, -1); bit >= 0;
         bit = bms_next_member(from.columns, bit)) {
      const auto attnum = static_cast<AttrNumber>(bit + FirstLowInvalidHeapAttributeNumber);
      reads = reads || std::find(columns.begin(), columns.end(), attnum) != columns.end();
      shape.columns.push_back(attnum);
    }
    if (reads || columns.empty()) out.push_back(std::move(shape));
  }
  return out;
}

}  // namespace strata::pg
