/*
 * Differences between PostgreSQL 15, 16, 17 and 18: the only file with version conditions.
 *
 * Wrappers carry the newest server's shape and name the release that changed it. Included by
 * prelude.hpp after postgres.h, inside extern "C".
 */
#ifndef STRATA_COMPAT_H
#define STRATA_COMPAT_H

#define PG16_GE (PG_VERSION_NUM >= 160000)
#define PG17_GE (PG_VERSION_NUM >= 170000)
#define PG18_GE (PG_VERSION_NUM >= 180000)

#if PG_VERSION_NUM < 150000 || PG_VERSION_NUM >= 190000
#error "pg_strata supports PostgreSQL 15 to 18"
#endif

#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_database.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/copyfrom_internal.h"
#include "commands/defrem.h"
#include "executor/executor.h"
#include "nodes/parsenodes.h"
#include "parser/parsetree.h"
#include "storage/lock.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/rangetypes.h"
#include "utils/regproc.h"
#if PG16_GE
#include "nodes/miscnodes.h"
#include "parser/parse_relation.h"
#endif

/* 16 folded the per-class ownership tests into one (commit afbfc02983f8). */
static inline bool strata_compat_owns(Oid classid, Oid objectid, Oid role) {
#if PG16_GE
  return object_ownercheck(classid, objectid, role);
#else
  switch (classid) {
    case RelationRelationId:
      return pg_class_ownercheck(objectid, role);
    case NamespaceRelationId:
      return pg_namespace_ownercheck(objectid, role);
    case TypeRelationId:
      return pg_type_ownercheck(objectid, role);
    case ProcedureRelationId:
      return pg_proc_ownercheck(objectid, role);
    case CollationRelationId:
      return pg_collation_ownercheck(objectid, role);
    case ExtensionRelationId:
      return pg_extension_ownercheck(objectid, role);
    default:
      return false;
  }
#endif
}

/* 16 renamed the schema and database privilege tests (commit c727f511bd7b). */
static inline AclResult strata_compat_schema_aclcheck(Oid schema, Oid role, AclMode mode) {
#if PG16_GE
  return object_aclcheck(NamespaceRelationId, schema, role, mode);
#else
  return pg_namespace_aclcheck(schema, role, mode);
#endif
}

static inline AclResult strata_compat_database_aclcheck(Oid database, Oid role, AclMode mode) {
#if PG16_GE
  return object_aclcheck(DatabaseRelationId, database, role, mode);
#else
  return pg_database_aclcheck(database, role, mode);
#endif
}

/* 16 moved the permission bits of a range table entry into RTEPermissionInfo (commit a61b1f74823c).
 */
static inline void strata_compat_set_selected_columns(Query* query, RangeTblEntry* rte,
                                                      Bitmapset* columns) {
#if PG16_GE
  if (rte->perminfoindex != 0)
    getRTEPermissionInfo(query->rteperminfos, rte)->selectedCols = columns;
#else
  (void)query;
  rte->selectedCols = columns;
#endif
}

static inline Bitmapset* strata_compat_selected_columns(Query* query, RangeTblEntry* rte) {
#if PG16_GE
  return rte->perminfoindex != 0 ? getRTEPermissionInfo(query->rteperminfos, rte)->selectedCols
                                 : NULL;
#else
  (void)query;
  return rte->selectedCols;
#endif
}

/* ... and with them the relation whose privileges are checked. */
static inline void strata_compat_set_permission_relation(Query* query, RangeTblEntry* rte,
                                                         Oid relation) {
#if PG16_GE
  /* Not getRTEPermissionInfo: it refuses an entry whose relation differs from the one checked. */
  if (rte->perminfoindex != 0)
    list_nth_node(RTEPermissionInfo, query->rteperminfos, (int)rte->perminfoindex - 1)->relid =
        relation;
#else
  (void)query;
  (void)rte;
  (void)relation;
#endif
}

/* Gives the base relation's entry of a rewritten write its permission fields: the view's required
 * rights, the columns the view reads, and whose rights they are (rewriteTargetView). */
static inline void strata_compat_check_as_view(Query* query, RangeTblEntry* base,
                                               RangeTblEntry* view, Bitmapset* selected,
                                               Oid check_as) {
#if PG16_GE
  RTEPermissionInfo* from = getRTEPermissionInfo(query->rteperminfos, view);
  RTEPermissionInfo* to;
  base->perminfoindex = 0;
  to = addRTEPermissionInfo(&query->rteperminfos, base);
  to->requiredPerms = from->requiredPerms;
  to->selectedCols = selected;
  to->checkAsUser = check_as;
#else
  (void)query;
  base->requiredPerms = view->requiredPerms;
  base->selectedCols = selected;
  base->checkAsUser = check_as;
#endif
}

static inline void strata_compat_set_written_columns(Query* query, RangeTblEntry* rte,
                                                     Bitmapset* inserted, Bitmapset* updated) {
#if PG16_GE
  RTEPermissionInfo* to = getRTEPermissionInfo(query->rteperminfos, rte);
  to->insertedCols = inserted;
  to->updatedCols = updated;
#else
  (void)query;
  rte->insertedCols = inserted;
  rte->updatedCols = updated;
#endif
}

/* What a plan's entry asks for: its fields before 16, of the plan's list from then on. */
typedef struct StrataPermissions {
  AclMode required;
  const Bitmapset* selected;
  const Bitmapset* inserted;
  const Bitmapset* updated;
} StrataPermissions;

static inline StrataPermissions strata_compat_permissions(const PlannedStmt* plan,
                                                          const RangeTblEntry* rte) {
  StrataPermissions out = {0, NULL, NULL, NULL};
#if PG16_GE
  if (rte->perminfoindex != 0) {
    const RTEPermissionInfo* info =
        list_nth_node(RTEPermissionInfo, plan->permInfos, (int)rte->perminfoindex - 1);
    out.required = info->requiredPerms;
    out.selected = info->selectedCols;
    out.inserted = info->insertedCols;
    out.updated = info->updatedCols;
  }
#else
  (void)plan;
  out.required = rte->requiredPerms;
  out.selected = rte->selectedCols;
  out.inserted = rte->insertedCols;
  out.updated = rte->updatedCols;
#endif
  return out;
}

/* 17 (commit 5f2e179bd31e) keeps the target of MERGE apart, since its view may be another. */
static inline void strata_compat_merge_into(Query* query, int target) {
#if PG17_GE
  if (query->mergeTargetRelation != 0) query->mergeTargetRelation = target;
#else
  (void)query;
  (void)target;
#endif
}

/* Makes an entry one that no rights are checked for, as EXCLUDED is. */
static inline void strata_compat_check_nothing(RangeTblEntry* rte) {
#if PG16_GE
  rte->perminfoindex = 0;
#else
  rte->requiredPerms = 0;
#endif
}

/* A Var that stands for part of another takes over where that was: 16 added the outer joins that
 * null it (commit 2489d76c4906), 18 whether RETURNING asks for the old or the new row (commit
 * 80feb727c869). */
static inline void strata_compat_stand_for(Var* var, const Var* other) {
#if PG16_GE
  var->varnullingrels = bms_copy(other->varnullingrels);
#endif
#if PG18_GE
  var->varreturningtype = other->varreturningtype;
#endif
  (void)var;
  (void)other;
}

/* ... and an expression in a Var's place must be null where the row it asks for does not exist. */
static inline Node* strata_compat_returning(Node* expression, const Var* var) {
#if PG18_GE
  if (var->varreturningtype != VAR_RETURNING_DEFAULT && !IsA(expression, Var)) {
    ReturningExpr* out = makeNode(ReturningExpr);
    out->retlevelsup = var->varlevelsup;
    out->retold = var->varreturningtype == VAR_RETURNING_OLD;
    out->retexpr = (Expr*)expression;
    return (Node*)out;
  }
#endif
  (void)var;
  return expression;
}

/* 18 took the parameter execute_once from the executor (commit 3eea7a0c97e9). */
#if PG18_GE
#define STRATA_RUN_ONCE_PARAMETER
#define STRATA_RUN_ONCE_ARGUMENT
#else
#define STRATA_RUN_ONCE_PARAMETER , bool run_once
#define STRATA_RUN_ONCE_ARGUMENT , run_once
#endif
#if PG18_GE
#define strata_compat_run(query) ExecutorRun(query, ForwardScanDirection, 0)
#else
#define strata_compat_run(query) ExecutorRun(query, ForwardScanDirection, 0, true)
#endif

/* 17 added ON_ERROR ignore (commit 9e2d8701194f), 18 REJECT_LIMIT (commit 4ac2a9beceb1) and
 * LOG_VERBOSITY silent (commit e7834a1a251d). What CopyFrom does about a row that cannot be read:
 * it is left out, and the number is told in the end. */
static inline bool strata_compat_copy_skipped(CopyFromState state) {
#if PG17_GE
  if (state->opts.on_error != COPY_ON_ERROR_STOP && state->escontext->error_occurred) {
    state->escontext->error_occurred = false;
#if PG18_GE
    if (state->opts.reject_limit > 0 && (int64)state->num_errors > state->opts.reject_limit)
      ereport(ERROR,
              (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
               errmsg("skipped more than REJECT_LIMIT (%lld) rows due to data type incompatibility",
                      (long long)state->opts.reject_limit)));
#endif
    return true;
  }
#endif
  (void)state;
  return false;
}

static inline void strata_compat_tell_skipped(CopyFromState state) {
#if PG17_GE
  if (state->opts.on_error != COPY_ON_ERROR_STOP && state->num_errors > 0
#if PG18_GE
      && state->opts.log_verbosity >= COPY_LOG_VERBOSITY_DEFAULT
#endif
  )
    ereport(NOTICE,
            errmsg_plural("%llu row was skipped due to data type incompatibility",
                          "%llu rows were skipped due to data type incompatibility",
                          (unsigned long)state->num_errors, (unsigned long long)state->num_errors));
#endif
  (void)state;
}

/* 16 added onlySummarizing (commit 19d8e2308bc5). */
static inline List* strata_compat_insert_index_entries(ResultRelInfo* target, TupleTableSlot* slot,
                                                       EState* estate) {
#if PG16_GE
  return ExecInsertIndexTuples(target, slot, estate, false, false, NULL, NIL, false);
#else
  return ExecInsertIndexTuples(target, slot, estate, false, false, NULL, NIL);
#endif
}

/* 16 computes the map when it is first wanted (commit fb958b5da86d). */
static inline TupleConversionMap* strata_compat_root_to_child(ResultRelInfo* child,
                                                              EState* estate) {
#if PG16_GE
  return ExecGetRootToChildMap(child, estate);
#else
  (void)estate;
  return child->ri_RootToPartitionMap;
#endif
}

/* 16 added total_parts (commit 27f5c712b2c5). */
static inline ObjectAddress strata_compat_define_index(Oid relation, IndexStmt* stmt) {
#if PG16_GE
  return DefineIndex(relation, stmt, InvalidOid, InvalidOid, InvalidOid, -1, false, false, false,
                     false, true);
#else
  return DefineIndex(relation, stmt, InvalidOid, InvalidOid, InvalidOid, false, false, false, false,
                     true);
#endif
}

/* 18 moved the missing value of a new column out of it (commit 95f650674d2c). */
static inline void strata_compat_store_default(Relation relation, AttrNumber attnum,
                                               Node* expression) {
#if PG18_GE
  (void)StoreAttrDefault(relation, attnum, expression, true);
#else
  (void)StoreAttrDefault(relation, attnum, expression, true, false);
#endif
}

/* 17 taught LockHeldByMe about stronger locks (commit 2aaa3c2b9ffd); before, each is asked for. */
static inline bool strata_compat_lock_held(const LOCKTAG* tag, LOCKMODE mode) {
#if PG17_GE
  return LockHeldByMe(tag, mode, true);
#else
  for (LOCKMODE stronger = mode; stronger <= AccessExclusiveLock; stronger++)
    if (LockHeldByMe(tag, stronger)) return true;
  return false;
#endif
}

/* 16 gave it an error context (commit 858e776c84f4). */
static inline List* strata_compat_name_list(const char* text) {
#if PG16_GE
  ErrorSaveContext context;
  memset(&context, 0, sizeof(context));
  context.type = T_ErrorSaveContext;
  List* names = stringToQualifiedNameList(text, (Node*)&context);
  return context.error_occurred ? NIL : names;
#else
  return stringToQualifiedNameList(text);
#endif
}

/* 18 keeps NOT NULL in pg_constraint (commit 14e87ffa5c54). */
#if !PG18_GE
#define CONSTRAINT_NOTNULL 'n'
#endif

/* 18 added columns that are computed when read (commit 83ea6c54025b). */
static inline bool strata_compat_is_virtual(const Constraint* constraint) {
#if PG18_GE
  return constraint->contype == CONSTR_GENERATED &&
         constraint->generated_kind == ATTRIBUTE_GENERATED_VIRTUAL;
#else
  (void)constraint;
  return false;
#endif
}

/* 18 added constraints that are not enforced (commit ca87c415e2fc). */
static inline bool strata_compat_is_enforced(const Constraint* constraint) {
#if PG18_GE
  return constraint->is_enforced;
#else
  (void)constraint;
  return true;
#endif
}

/* ... and changes of existing ones get a node of their own. */
static inline bool strata_compat_stops_enforcing(const AlterTableCmd* command) {
#if PG18_GE
  if (IsA(command->def, ATAlterConstraint)) {
    const ATAlterConstraint* change = (const ATAlterConstraint*)command->def;
    return change->alterEnforceability && !change->is_enforced;
  }
#endif
  (void)command;
  return false;
}

static inline const char* strata_compat_altered_constraint(const AlterTableCmd* command) {
#if PG18_GE
  return ((const ATAlterConstraint*)command->def)->conname;
#else
  return ((const Constraint*)command->def)->conname;
#endif
}

/* 17 added ALTER COLUMN ... SET EXPRESSION (commit 5d06e99a3cfc). */
static inline bool strata_compat_sets_expression(const AlterTableCmd* command) {
#if PG17_GE
  return command->subtype == AT_SetExpression;
#else
  (void)command;
  return false;
#endif
}

/* 18 locks the partitions of a table that gets a unique constraint as it does the table; before, as
 * CREATE INDEX does. */
#if PG18_GE
#define STRATA_LOCK_OF_CONSTRAINED_PARTITION AccessExclusiveLock
#else
#define STRATA_LOCK_OF_CONSTRAINED_PARTITION ShareLock
#endif

/* 18 locks the relations that GRANT and REVOKE name (objectNamesToOids). */
#if PG18_GE
#define STRATA_LOCK_OF_GRANT AccessShareLock
#else
#define STRATA_LOCK_OF_GRANT NoLock
#endif

/* 16 keeps the method of authentication, too (commit 0823d061b0b7). Before, the name is in Port;
 * the header is read as for a server without the libraries whose headers it wants, because what it
 * has of them comes after the name, or is a pointer. */
#if PG16_GE
#define STRATA_SYSTEM_USER() GetSystemUser()
#else
#pragma push_macro("ENABLE_GSS")
#pragma push_macro("USE_OPENSSL")
#pragma push_macro("USE_SSL")
#undef ENABLE_GSS
#undef USE_OPENSSL
#undef USE_SSL
#include "libpq/libpq-be.h"
#pragma pop_macro("ENABLE_GSS")
#pragma pop_macro("USE_OPENSSL")
#pragma pop_macro("USE_SSL")
#define STRATA_SYSTEM_USER() (MyProcPort != NULL ? MyProcPort->authn_id : NULL)
#endif

/* 16 added escontext, for soft errors. */
static inline RangeType* strata_compat_make_range(TypeCacheEntry* type, RangeBound* lower,
                                                  RangeBound* upper, bool empty) {
#if PG16_GE
  return make_range(type, lower, upper, empty, NULL);
#else
  return make_range(type, lower, upper, empty);
#endif
}

/* Minor releases of branches before 17 keep the version of a column among its options; pg_dump
 * passes over it (ATTRIBUTE_VERSION_ATTOPTION of catalog/pg_attribute.h, which is for clients). */
#define STRATA_RESERVED_COLUMN_OPTION "pg_attver="

/* 18 extended the module magic with a name and a version (commit 9324c8c58065). */
#if PG18_GE
#define STRATA_MODULE_MAGIC PG_MODULE_MAGIC_EXT(.name = "pg_strata", .version = STRATA_VERSION)
#else
#define STRATA_MODULE_MAGIC PG_MODULE_MAGIC
#endif

#endif
