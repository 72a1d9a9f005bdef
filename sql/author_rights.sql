-- What an author wrote runs with the author's rights, never with those of the extension's owner: the
-- parser and the folding of constants call functions too. Each function here raises when anybody
-- else calls it.
SET client_min_messages = warning;
CREATE ROLE regress_author;
SELECT format('GRANT CREATE ON DATABASE %I TO regress_author', current_database()) \gexec
CREATE SCHEMA trap AUTHORIZATION regress_author;
SELECT 1 FROM strata.track('trap', 'regress_author');
SET ROLE regress_author;
CREATE FUNCTION trap.only_author() RETURNS bool LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF current_user <> 'regress_author' THEN RAISE EXCEPTION 'called as another role'; END IF;
    RETURN true;
END $$;
CREATE FUNCTION trap.one() RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT trap.only_author()::int $$;
-- The input function of an array of the domain asks its CHECK.
CREATE DOMAIN trap.checked AS int CHECK (trap.only_author());
-- defaults, at a publish
CREATE TABLE trap.item (id int PRIMARY KEY, a int, b int, c trap.checked[] DEFAULT '{1}');
CREATE INDEX item_a ON trap.item (a);
SELECT strata.publish('trap', 'v1');
INSERT INTO trap_v1.item (id, a, b) VALUES (1, 2, 3) RETURNING *;
-- the text of a view whose join has lost a column
CREATE TABLE trap.l (x int, y int);
CREATE TABLE trap.r (x int, z int);
CREATE VIEW trap.both_sides AS SELECT x, y, ('{1}'::trap.checked[])[1] AS k FROM trap.l JOIN trap.r USING (x);
ALTER TABLE trap.r DROP COLUMN z;
SELECT strata.publish('trap', 'v2');
SELECT * FROM trap_v2.both_sides;
-- the write direction, and what an index that is marked as kept might serve
ALTER TABLE trap.item ADD COLUMN d int;
COMMENT ON INDEX trap.item_a IS 'serves versions: kept by pg_strata';
SELECT strata.replace_column('trap.item', 'a', 'd + trap.one()', '{"d": "a - (''{1}''::trap.checked[])[1]"}');
UPDATE trap_v1.item SET a = 5 RETURNING a;
SELECT id, d FROM trap.item;
SELECT strata.retire('trap', 'v2');
-- defaults that come back with a table
SELECT strata.set_option('trap', 'on_break', 'follow');
DROP TABLE trap.item;
CREATE TABLE trap.item (id int, a int, b int, c trap.checked[]);
INSERT INTO trap_v1.item (id) VALUES (1) RETURNING *;
RESET ROLE;
-- ... and with a view that was dropped by hand
SET pg_strata.mode = off;
DROP VIEW trap_v1.item;
RESET pg_strata.mode;
SET ROLE regress_author;
SELECT version, relation, problem, repaired FROM strata.repair('trap');
INSERT INTO trap_v1.item (id) VALUES (2) RETURNING *;
-- a CHECK that somebody else adds, over a column whose default is the trap
ALTER TABLE trap.item ADD COLUMN e int DEFAULT trap.one();
RESET ROLE;
ALTER TABLE trap.item ADD CHECK (e > 0);
ALTER TABLE trap.item ADD CHECK (e > 1) NOT VALID;
-- the owner of a parent is not the owner of what inherits from it
CREATE ROLE regress_heir;
SET ROLE regress_author;
CREATE TABLE trap.parent (a int, b int);
CREATE TABLE trap.child () INHERITS (trap.parent);
RESET ROLE;
ALTER TABLE trap.child OWNER TO regress_heir;
SET ROLE regress_author;
SELECT strata.publish('trap', 'v3');
SELECT strata.replace_column('trap.parent', 'a', 'b');
SELECT strata.retire('trap', 'v3');
-- a comment alone makes no index one of ours
RESET ROLE;
CREATE SCHEMA elsewhere;
CREATE TABLE elsewhere.t (id int PRIMARY KEY, x int);
CREATE INDEX ON elsewhere.t (x);
COMMENT ON INDEX elsewhere.t_pkey IS 'serves versions: kept by pg_strata';
COMMENT ON INDEX elsewhere.t_x_idx IS 'serves versions: kept by pg_strata';
SET ROLE regress_author;
SELECT strata.retire('trap', 'v1');
RESET ROLE;
SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'elsewhere.t'::regclass ORDER BY 1;
SELECT strata.untrack('trap');
DROP SCHEMA trap, elsewhere CASCADE;
DROP OWNED BY regress_author;
DROP ROLE regress_author, regress_heir;
