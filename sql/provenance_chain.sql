-- The chain of what was changed: one order for all kinds, no gaps by rollbacks, nothing to edit, and proofs
-- of it. Numbers of rows and hashes differ from run to run, so they are compared and not shown.
SET client_min_messages = warning;
SELECT count(strata.drop_policy(p.hazard)) >= 0 AS without_policies FROM (SELECT DISTINCT hazard FROM strata.policies) AS p;
CREATE FUNCTION pg_temp.refused(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RETURN 'done';
EXCEPTION WHEN OTHERS THEN
    RETURN sqlstate || ' ' || sqlerrm;
END $$;

CREATE SCHEMA chain_shop;
CREATE TABLE chain_shop.users (id int PRIMARY KEY, name text);
CREATE SCHEMA chain_other;
CREATE TABLE chain_other.t (a int);
SELECT strata.track('chain_shop');

-- What follows is about what comes from here on.
SELECT coalesce(max(seq), 0) AS start, now() AS began FROM strata.provenance_entry \gset
CREATE FUNCTION pg_temp.entries(start bigint) RETURNS TABLE (nr bigint, kind text, what text) LANGUAGE sql AS $$
    SELECT row_number() OVER (ORDER BY e.seq), e.kind, coalesce(c.statement, m.changes || ' changes', v.kind)
    FROM strata.provenance_entry AS e
    LEFT JOIN strata.change AS c ON e.source = 'change' AND c.change_id = e.ref
    LEFT JOIN strata.migration AS m ON e.source = 'migration' AND m.migration_id = e.ref
    LEFT JOIN strata.provenance_event AS v ON e.source = 'provenance_event' AND v.event_id = e.ref
    WHERE e.seq > start AND e.kind <> 'attempt' ORDER BY e.seq $$;

-- A statement is an entry, its transaction another; what is about no tracked schema is none.
ALTER TABLE chain_shop.users ADD email text;
ALTER TABLE chain_other.t ADD b int;
BEGIN;
LOCK TABLE chain_shop.users;
COMMIT;
VACUUM ANALYZE chain_shop.users;
TRUNCATE chain_shop.users;
SELECT * FROM pg_temp.entries(:start);

-- Savepoints and rollbacks leave no gap. In the transaction itself, changes are seen, but have no number.
BEGIN;
ALTER TABLE chain_shop.users ADD phone text;
SAVEPOINT one;
ALTER TABLE chain_shop.users ADD fax text;
SAVEPOINT two;
ALTER TABLE chain_shop.users ADD telex text;
RELEASE SAVEPOINT two;
ROLLBACK TO SAVEPOINT one;
SAVEPOINT three;
ALTER TABLE chain_shop.users RENAME phone TO mobile;
RELEASE SAVEPOINT three;
SELECT seq IS NULL AS no_number, statement FROM strata.changes WHERE seq IS NULL ORDER BY change_id;
SELECT * FROM strata.verify_provenance();
COMMIT;
BEGIN;
ALTER TABLE chain_shop.users ADD pager text;
ROLLBACK;
BEGIN;
SAVEPOINT all_of_it;
ALTER TABLE chain_shop.users ADD pager text;
ROLLBACK TO SAVEPOINT all_of_it;
COMMIT;
DO $$
BEGIN
    ALTER TABLE chain_shop.users ADD street text;
    BEGIN
        ALTER TABLE chain_shop.users ADD town text;
        RAISE division_by_zero;
    EXCEPTION WHEN division_by_zero THEN
        ALTER TABLE chain_shop.users ADD city text;
    END;
END $$;
SELECT * FROM pg_temp.entries(:start);

-- The views: who, when, and the place in the chain.
SELECT m.base, m.session_role = session_user AS session_role, m.effective_role = current_user AS effective_role,
       m.started_at <= m.committed_at AS times, m.changes, count(c.seq) AS listed, bool_and(c.seq < m.seq) AS before_it
FROM strata.migrations AS m JOIN strata.changes AS c USING (migration_id)
WHERE m.seq > :start GROUP BY m.migration_id, m.base, m.session_role, m.effective_role, m.started_at, m.committed_at, m.changes, m.seq
ORDER BY m.seq;
SELECT bool_and(length(hash) = 32 AND length(prev_hash) = 32) AS hashes,
       bool_and(statement_digest = sha256(convert_to(statement, 'UTF8'))) AS digests
FROM strata.changes WHERE seq > :start;

-- Secrets are masked, the digest is of all of it.
CREATE FUNCTION chain_shop.secret() RETURNS text LANGUAGE sql AS $$SELECT 'password=hunter2'$$;
SELECT statement, statement_digest = sha256($x$CREATE FUNCTION chain_shop.secret() RETURNS text LANGUAGE sql AS $$SELECT 'password=hunter2'$$$x$) AS of_all
FROM strata.changes ORDER BY change_id DESC LIMIT 1;

-- Hashes by hand: an entry is chained to the one before.
SELECT count(*) AS wrong FROM (SELECT prev_hash, lag(hash) OVER (ORDER BY seq) AS before, seq FROM strata.provenance_entry) AS e
WHERE e.before <> e.prev_hash;
WITH e AS (SELECT *, seq::text AS n, ref::text AS r, system_identifier::text AS s, timeline::text AS t,
                  to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS a
           FROM strata.provenance_entry WHERE seq > :start)
SELECT bool_and(hash = sha256('\x00'::bytea || convert_to(
    '17:pg_strata.entry.1' || length(n) || ':' || n || length(kind) || ':' || kind || length(source) || ':' || source
    || length(r) || ':' || r || length(a) || ':' || a || length(s) || ':' || s || length(t) || ':' || t, 'UTF8')
    || digest || prev_hash)) AS by_hand FROM e;

-- Checkpoints and proofs.
SELECT strata.checkpoint_provenance() AS kept \gset
SELECT (:'kept'::jsonb ->> 'seq')::bigint AS kept_seq, :'kept'::jsonb ->> 'root' AS kept_root \gset
ALTER TABLE chain_shop.users ADD last_one text;
SELECT kind, what FROM pg_temp.entries(:start) ORDER BY nr DESC LIMIT 3;
SELECT * FROM strata.verify_provenance(:'kept');
SELECT p ->> 'root' = :'kept_root' AS root, decode(p ->> 'hash', 'hex') = e.hash AS leaf, (p ->> 'leaf_index')::bigint - e.seq AS leaf_index
FROM strata.provenance_entry AS e, strata.provenance_inclusion(e.seq, :kept_seq) AS p WHERE e.seq = :start + 1;
SELECT p ->> 'from_root' = :'kept_root' AS from_root, p ->> 'to_root' = q ->> 'root' AS to_root
FROM (SELECT max(seq) AS size FROM strata.provenance_entry) AS e, strata.provenance_consistency(:kept_seq, size) AS p,
     strata.provenance_inclusion(1, size) AS q;
SELECT pg_temp.refused('SELECT strata.provenance_inclusion(0)') ~ '^22023 seq must be between 1 and' AS no_such_entry,
       pg_temp.refused('SELECT strata.provenance_inclusion(1, 1000000000)') ~ '^22023 size must be' AS no_such_size,
       pg_temp.refused('SELECT strata.provenance_consistency(NULL)');
SELECT pg_temp.refused($$SELECT strata.verify_provenance('{"seq": 1}')$$), pg_temp.refused($$SELECT strata.verify_provenance('[]')$$);
-- A checkpoint that is not of this chain, and one of a longer one. They say where they were taken: in our past.
SELECT kind, regexp_replace(problem, '[0-9][-0-9:.TZ]*', 'N', 'g') AS problem
FROM strata.verify_provenance(jsonb_build_array(
    jsonb_set(:'kept', '{root}', to_jsonb(repeat('0', 64))), jsonb_set(:'kept', '{seq}', '1000000000')));

-- Append only: also for superusers, also where other triggers are off.
SET session_replication_role = replica;
SELECT t, pg_temp.refused(format('UPDATE strata.%I SET ctid = ctid WHERE false', t)) ~ 'system column' AS no_system_column,
       pg_temp.refused(format('DELETE FROM strata.%I WHERE false', t)),
       left(pg_temp.refused(format('TRUNCATE strata.%I', t)), 5) AS truncated
FROM unnest(ARRAY['migration', 'change', 'attempt', 'provenance_event', 'provenance_entry', 'provenance_pending']) AS t;
RESET session_replication_role;
UPDATE strata.change SET statement = 'nothing';
MERGE INTO strata.change AS c USING (VALUES (1)) AS v ON true WHEN MATCHED THEN DELETE;
DELETE FROM strata.changes;

-- Who may what.
CREATE ROLE regress_chain_reader;
CREATE ROLE regress_chain_nobody;
GRANT strata_reader TO regress_chain_reader;
SET ROLE regress_chain_nobody;
SELECT pg_temp.refused('SELECT FROM strata.changes'), pg_temp.refused('SELECT FROM strata.migrations'),
       pg_temp.refused('SELECT strata.verify_provenance()'), pg_temp.refused('SELECT strata.export_provenance()'),
       pg_temp.refused('SELECT strata.checkpoint_provenance()'), pg_temp.refused('SELECT strata.prune_provenance(now())');
RESET ROLE;
SET ROLE regress_chain_reader;
SELECT count(*) FROM strata.verify_provenance();
SELECT count(*) > 0 AS rows FROM strata.changes;
SELECT pg_temp.refused('SELECT strata.prune_provenance(now())'), pg_temp.refused('INSERT INTO strata.change (change_id) VALUES (0)');
SELECT pg_temp.refused('SELECT strata.checkpoint_provenance()');
RESET ROLE;
DROP ROLE regress_chain_reader, regress_chain_nobody;

-- Isolation levels and the lock timeout do not matter.
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT count(*) > 0 AS some FROM strata.changes;
SET LOCAL lock_timeout = 1;
ALTER TABLE chain_shop.users ADD serialized text;
COMMIT;
SELECT * FROM strata.verify_provenance();

-- Prepared transactions.
SELECT max(seq) AS before_prepared FROM strata.provenance_entry \gset
BEGIN;
ALTER TABLE chain_shop.users ADD prepared text;
PREPARE TRANSACTION 'chain_two_phases';
SELECT strata.checkpoint_provenance() IS NOT NULL AS not_blocked;
COMMIT PREPARED 'chain_two_phases';
SELECT * FROM pg_temp.entries(:before_prepared);
BEGIN;
ALTER TABLE chain_shop.users ADD never text;
PREPARE TRANSACTION 'chain_two_phases';
ROLLBACK PREPARED 'chain_two_phases';
SELECT * FROM pg_temp.entries(:before_prepared);
SELECT * FROM strata.verify_provenance(:'kept');

-- Exported: the same rows, with what was hashed.
SELECT count(*) AS exported, count(DISTINCT x #>> '{predicate,entry,seq}') AS entries, min(x ->> '_type') AS type,
       bool_and((x #>> '{predicate,entry,seq}')::bigint >= :start) AS from_seq,
       bool_and(x #>> '{subject,0,digest,sha256}' = x #>> '{predicate,entry,digest}') AS digest
FROM strata.export_provenance(:start + 1) AS x
WHERE (x #>> '{predicate,entry,seq}')::bigint <= :kept_seq AND x #>> '{predicate,entry,kind}' <> 'attempt';
SELECT x #>> '{predicate,row,statement}' AS statement, x #> '{predicate,buildDefinition,externalParameters}' AS external
FROM strata.export_provenance(:start + 1) AS x WHERE x #>> '{predicate,entry,kind}' = 'change' LIMIT 1;

-- Pruned: up to a checkpoint that is old enough, and never more.
SELECT strata.prune_provenance(:'began'::timestamptz - interval '100 years') ->> 'deleted' AS deleted;
SELECT strata.prune_provenance(now()) AS pruned \gset
SELECT (:'pruned'::jsonb ->> 'seq')::bigint >= :kept_seq AS up_to_a_checkpoint, (:'pruned'::jsonb ->> 'deleted')::bigint > 0 AS deleted;
SELECT min(e.seq) - (:'pruned'::jsonb ->> 'seq')::bigint AS first_left, count(*) FILTER (WHERE e.kind = 'tombstone') AS tombstones
FROM strata.provenance_entry AS e;
SELECT count(*) AS gone FROM strata.change AS c JOIN strata.changes AS v USING (change_id) WHERE v.statement = 'ALTER TABLE chain_shop.users ADD email text';
SELECT * FROM strata.verify_provenance();
SELECT kind, regexp_replace(problem, '[0-9][-0-9:.TZ]*', 'N', 'g') AS problem FROM strata.verify_provenance(jsonb_set(:'kept', '{seq}', '1'));
SELECT * FROM strata.verify_provenance(jsonb_build_object('seq', :'pruned'::jsonb -> 'seq', 'root', :'pruned'::jsonb -> 'root'));
ALTER TABLE chain_shop.users ADD after_it text;
SELECT * FROM strata.verify_provenance();
SELECT pg_temp.refused('SELECT strata.provenance_inclusion(1)');
SELECT p ->> 'from_root' = :'pruned'::jsonb ->> 'root' AS consistent FROM strata.provenance_consistency((:'pruned'::jsonb ->> 'seq')::bigint) AS p;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT strata.prune_provenance(now());
ROLLBACK;

-- With the policies of an installation nobody alters or drops what is recorded just so.
SELECT strata.set_policy('CONTROL_PLANE', 'refuse');
ALTER TABLE strata.change DISABLE TRIGGER append_only;
DROP TRIGGER append_only ON strata.provenance_entry;
DROP TABLE strata.change CASCADE;
TRUNCATE strata.provenance_entry;
ALTER TABLE strata.provenance_entry ADD COLUMN note text;
SELECT strata.drop_policy('CONTROL_PLANE');

SELECT strata.untrack('chain_shop');
DROP SCHEMA chain_shop CASCADE;
DROP SCHEMA chain_other CASCADE;
SELECT * FROM strata.verify_provenance();
BEGIN READ ONLY;
SELECT strata.checkpoint_provenance();
ROLLBACK;
