"""What a statement did: read from the server's own views, with nothing of strata.assess in it.

Locks from pg_locks, new files from pg_relation_filenode, scans from pg_stat_get_xact_numscans, drops from an event
trigger, lost values by comparing the rows before and after.
"""

MODES = ["AccessShareLock", "RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock", "ShareLock",
         "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock"]
OURS = "n.nspname IN ('o', 'o_empty', 'o_new')"

LISTENER = """
DROP EVENT TRIGGER IF EXISTS regress_oracle_drops;
DROP SCHEMA IF EXISTS oracle CASCADE;
CREATE SCHEMA oracle;
CREATE TABLE oracle.dropped (type text, identity text);
CREATE FUNCTION oracle.listen() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO oracle.dropped SELECT object_type, object_identity FROM pg_event_trigger_dropped_objects()
    WHERE schema_name IS DISTINCT FROM 'pg_toast';
END $$;
CREATE EVENT TRIGGER regress_oracle_drops ON sql_drop EXECUTE FUNCTION oracle.listen();
CREATE OR REPLACE FUNCTION public.regress_oracle_nothing() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
"""


def strongest(modes):
    return max(modes, key=MODES.index, default=None)


def relations(cursor):
    """The relations that are there: OID to (name, file, kind)."""
    cursor.execute(f"""SELECT c.oid, n.nspname || '.' || c.relname, pg_relation_filenode(c.oid), c.relkind
                       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                       WHERE {OURS} AND c.relkind <> 'c'""")
    return {row[0]: row[1:] for row in cursor.fetchall()}


def locks(cursor, known, pid=None):
    """The locks of a backend on relations that were there before: name to strongest mode."""
    cursor.execute("SELECT relation, mode FROM pg_locks WHERE locktype = 'relation' AND relation IS NOT NULL"
                   " AND pid = coalesce(%s, pg_backend_pid()) AND database = (SELECT oid FROM pg_database WHERE datname ="
                   " current_database())", (pid,))
    found = {}
    for oid, mode in cursor.fetchall():
        if oid in known:
            name = known[oid][0]
            found[name] = strongest([mode] + ([found[name]] if name in found else []))
    return found


def scans(cursor, known):
    """How often each table was read as a whole in this transaction."""
    tables = [oid for oid in known if known[oid][2] in "rm"]
    cursor.execute("SELECT r, pg_stat_get_xact_numscans(r) FROM unnest(%s::oid[]) r", (tables,))
    return dict(cursor.fetchall())


def index_tables(cursor):
    """Table of every index, because a file of an index is new under another OID when it is made anew."""
    cursor.execute("SELECT indexrelid, indrelid FROM pg_index")
    return dict(cursor.fetchall())


def columns(cursor, known):
    """The columns whose values are stored: (table, number) to (type, name)."""
    cursor.execute("""SELECT attrelid, attnum, atttypid, atttypmod, attname FROM pg_attribute
                      WHERE attrelid = ANY(%s::oid[]) AND attnum > 0 AND NOT attisdropped AND attgenerated IN ('', 's')""",
                   ([oid for oid in known if known[oid][2] == "r"],))
    return {(row[0], row[1]): (row[2:4], row[4]) for row in cursor.fetchall()}


def quote(name):
    return '"' + name.replace('"', '""') + '"'


def qualified(cursor, oid):
    cursor.execute("SELECT format('%%I.%%I', n.nspname, c.relname) FROM pg_class c"
                   " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = %s", (oid,))
    row = cursor.fetchone()
    return row[0] if row else None


def values(cursor, known, before=None):
    """All values of every column, as text of the type the column has, or had before.

    A column that is gone, or whose values cannot be read as what they were, is missing.
    """
    out = {}
    tables = {}
    for oid in {table for table, _ in columns(cursor, known)}:
        tables[oid] = qualified(cursor, oid)
    for (oid, number), (kind, name) in columns(cursor, known).items():
        # By its OID: the statement may have renamed it.
        cursor.execute("SELECT format_type(%s, %s)", (before or {}).get((oid, number), (kind,))[0])
        old_kind = cursor.fetchone()[0]
        cursor.execute("SAVEPOINT reading")
        try:
            cursor.execute(f"SELECT array_agg(x::text ORDER BY x::text) FROM (SELECT {quote(name)}::{old_kind} AS x"
                           f" FROM ONLY {tables[oid]} WHERE {quote(name)} IS NOT NULL) q")
            out[oid, number] = cursor.fetchone()[0] or []
        except Exception:  # values that the old type cannot hold are other values
            cursor.execute("ROLLBACK TO reading")
        cursor.execute("RELEASE reading")
    cursor.execute("SELECT count(*) FROM pg_largeobject_metadata")
    out["large objects"] = [cursor.fetchone()[0]]
    return out


def lost(before, after):
    """The columns that no longer have all the values they had."""
    return sorted((key for key in before if before[key] and contained(before[key], after.get(key)) is False), key=str)


def contained(old, new):
    if new is None:
        return False
    if len(old) == 1 and isinstance(old[0], int):
        return new[0] >= old[0]
    rest = list(new)
    for value in old:
        if value not in rest:
            return False
        rest.remove(value)
    return True
