-- Inserts through versions keep working when the domain of a column changes, and when another table takes the place: what
-- a client leaves out is refused before anything is locked if it would fail then.
CREATE SCHEMA dom;
CREATE DOMAIN dom.amount AS int;
CREATE DOMAIN dom.price AS dom.amount;
CREATE DOMAIN dom.kind AS text DEFAULT 'new';
CREATE DOMAIN dom.elsewhere AS int;
CREATE TABLE dom.t (id int PRIMARY KEY, a dom.amount, p dom.price, d dom.amount DEFAULT 5, k dom.kind NOT NULL, must dom.amount NOT NULL);
CREATE TABLE dom.parts (id int, a dom.amount) PARTITION BY RANGE (id);
CREATE TABLE dom.parts1 PARTITION OF dom.parts FOR VALUES FROM (0) TO (10);
SELECT strata.track('dom');
SELECT strata.publish('dom', 'v1');
CREATE TABLE dom.unpublished (e dom.elsewhere);
-- Runs DDL and then inserts through the version, takes all back, and reports how it failed.
CREATE FUNCTION dom.try(ddl text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE state text; detail text; result text := 'ok';
BEGIN
    BEGIN
        EXECUTE ddl;
        INSERT INTO dom_v1.t (id, must) VALUES (1, 7);
        INSERT INTO dom_v1.parts (id) VALUES (1);
        RAISE EXCEPTION 'undo' USING ERRCODE = 'TRUE0';
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, detail = PG_EXCEPTION_DETAIL;
        IF state <> 'TRUE0' THEN result := concat_ws(' | ', state, SQLERRM, CASE WHEN state ~ '^ST' THEN detail END); END IF;
    END;
    RETURN result;
END $$;
CREATE TABLE dom_cases (n int GENERATED ALWAYS AS IDENTITY, ddl text);
INSERT INTO dom_cases (ddl) VALUES
    ('ALTER DOMAIN dom.amount SET NOT NULL'), ('ALTER DOMAIN dom.price SET NOT NULL'), ('ALTER DOMAIN dom.elsewhere SET NOT NULL'),
    ('ALTER DOMAIN dom.amount SET DEFAULT 1; ALTER DOMAIN dom.amount SET NOT NULL'),
    ('ALTER DOMAIN dom.amount ADD CHECK (value IS NOT NULL)'), ('ALTER DOMAIN dom.amount ADD CHECK (value IS NOT NULL) NOT VALID'),
    ('ALTER DOMAIN dom.amount ADD CHECK (value > 0)'), ('ALTER DOMAIN dom.amount ADD CHECK (value > 5)'), ('ALTER DOMAIN dom.amount ADD CHECK (value > 9)'),
    ('ALTER DOMAIN dom.price ADD CHECK (coalesce(value, 0) > 0)'), ('ALTER DOMAIN dom.price ADD CHECK (value > 9)'),
    ('ALTER DOMAIN dom.amount ADD CHECK (1 / coalesce(value, 0) > 0)'), ('ALTER DOMAIN dom.amount ADD CHECK (nope > 0)'), ('ALTER DOMAIN dom.amount ADD CHECK ((SELECT true))'),
    ('ALTER DOMAIN dom.kind DROP DEFAULT'), ('ALTER DOMAIN dom.kind SET DEFAULT NULL'), ('ALTER DOMAIN dom.kind SET DEFAULT ''old'''),
    ('ALTER DOMAIN dom.kind ADD CHECK (value <> ''new'')'), ('ALTER DOMAIN dom.kind ADD CHECK (value <> ''old'')'), ('ALTER DOMAIN dom.kind SET NOT NULL'),
    ('ALTER DOMAIN dom.amount DROP NOT NULL'), ('ALTER DOMAIN dom.amount RENAME TO number'), ('ALTER DOMAIN dom.nope SET NOT NULL'), ('ALTER DOMAIN dom.t SET NOT NULL');
SELECT ddl, dom.try(ddl) FROM dom_cases ORDER BY n;
-- the whole error
ALTER DOMAIN dom.price SET NOT NULL;
-- in the modes and with fills
SET pg_strata.mode = record;
BEGIN;
ALTER DOMAIN dom.price SET NOT NULL;
ROLLBACK;
RESET pg_strata.mode;
ALTER TABLE dom.t ADD COLUMN hidden_price dom.price, ALTER p SET DEFAULT 3;
SELECT strata.fill_column('dom.t', 'p', '3');
ALTER DOMAIN dom.price SET NOT NULL;
SELECT strata.fill_column('dom.t', 'hidden_price', '4');
ALTER DOMAIN dom.price SET NOT NULL;
INSERT INTO dom_v1.t (id, must) VALUES (1, 7);
SELECT id, p, hidden_price FROM dom.t;
-- who does not own the domain is told so by the server, and waits for nobody
CREATE ROLE regress_dom_other;
GRANT USAGE ON SCHEMA dom TO regress_dom_other;
SET ROLE regress_dom_other;
ALTER DOMAIN dom.amount SET NOT NULL;
RESET ROLE;

-- a swap: a column that nobody fills, a CHECK, and what the old table had as well
CREATE TABLE dom.next (LIKE dom.t INCLUDING ALL, hidden int NOT NULL);
ALTER TABLE dom.next DROP COLUMN hidden_price;
SELECT strata.repoint('dom.t', 'dom.next');
BEGIN;
ALTER TABLE dom.t RENAME TO t_old;
ALTER TABLE dom.next RENAME TO t;
INSERT INTO dom_v1.t (id, must) VALUES (2, 7);
SELECT tableoid::regclass, id FROM dom.t_old ORDER BY id;
ROLLBACK;
SELECT strata.fill_column('dom.next', 'hidden', '9');
BEGIN;
SELECT strata.repoint('dom.t', 'dom.next');
INSERT INTO dom_v1.t (id, must) VALUES (2, 7);
SELECT id, p, hidden FROM dom.next;
ROLLBACK;
SELECT strata.fill_column('dom.next', 'hidden', NULL);
ALTER TABLE dom.next ALTER hidden DROP NOT NULL, ADD CONSTRAINT hidden_is_there CHECK (hidden IS NOT NULL);
SELECT strata.repoint('dom.t', 'dom.next');
ALTER TABLE dom.next ALTER hidden SET DEFAULT 1;
SELECT strata.repoint('dom.t', 'dom.next');
INSERT INTO dom_v1.t (id, must) VALUES (2, 7);
SELECT id, p, hidden FROM dom.next;
-- inserts that fail anyhow are no reason
ALTER TABLE dom.next ALTER hidden DROP DEFAULT;
SET pg_strata.mode = record;
ALTER TABLE dom.next ALTER hidden DROP DEFAULT;
RESET pg_strata.mode;
CREATE TABLE dom.last (LIKE dom.next INCLUDING ALL);
SELECT strata.repoint('dom.next', 'dom.last');
SELECT * FROM strata.verify();

SELECT strata.retire('dom', 'v1'), strata.untrack('dom');
SET client_min_messages = warning;
DROP SCHEMA dom CASCADE;
DROP TABLE dom_cases;
DROP ROLE regress_dom_other;
