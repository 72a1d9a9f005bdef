-- Adoption: a type that a live contract shows and that DDL drops moves into the version's schema. So
-- what migration tools emit for a changed enum passes unchanged.
CREATE SCHEMA shop;
CREATE TYPE shop."Status" AS ENUM ('new', 'paid');
CREATE TABLE shop.orders (id int PRIMARY KEY, status shop."Status" NOT NULL DEFAULT 'new', history shop."Status"[]);
CREATE INDEX orders_status ON shop.orders (status, id);
INSERT INTO shop.orders VALUES (1, 'new', '{}'), (2, 'paid', '{new,paid}');
-- Returns whether the plan of a query uses an index and reads no table as a whole.
CREATE FUNCTION shop.uses_index(query text) RETURNS bool LANGUAGE plpgsql AS $$
DECLARE line text; found bool := false;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        IF line ~ 'Seq Scan' THEN RETURN false; END IF;
        found := found OR line ~ 'Index (Only )?Scan|Bitmap Index Scan';
    END LOOP;
    RETURN found;
END $$;
CREATE FUNCTION shop.types() RETURNS TABLE (type_schema name, type_name name, labels text)
    LANGUAGE sql AS $$
    SELECT n.nspname, t.typname, (SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid)
    FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace
    WHERE n.nspname ~ '^shop' AND t.typtype IN ('e', 'd', 'c') AND NOT EXISTS
        (SELECT FROM pg_class AS c WHERE c.oid = t.typrelid AND c.relkind <> 'c') ORDER BY 1, 2 $$;
SELECT strata.track('shop');
SELECT strata.publish('shop', 'v1');
SELECT strata.publish('shop', 'v2');

-- As Prisma emits it.
BEGIN;
CREATE TYPE shop."Status_new" AS ENUM ('new', 'paid', 'late');
ALTER TABLE shop.orders ALTER COLUMN "status" DROP DEFAULT;
ALTER TABLE shop.orders ALTER COLUMN "status" TYPE shop."Status_new" USING ("status"::text::shop."Status_new");
ALTER TABLE shop.orders ALTER COLUMN "history" TYPE shop."Status_new"[] USING ("history"::text::shop."Status_new"[]);
ALTER TYPE shop."Status" RENAME TO "Status_old";
ALTER TYPE shop."Status_new" RENAME TO "Status";
DROP TYPE shop."Status_old";
ALTER TABLE shop.orders ALTER COLUMN "status" SET DEFAULT 'new';
COMMIT;
SELECT * FROM shop.types();
SELECT * FROM shop_v1.orders ORDER BY id;
SELECT column_name, type, column_default, kind, read_as, write_as FROM strata.contract('shop', 'v1');
SET enable_seqscan = off;
SELECT shop.uses_index($$SELECT * FROM shop_v1.orders WHERE status = 'paid'$$),
    shop.uses_index($$SELECT * FROM shop_v2.orders WHERE status = 'paid' AND id > 1$$);
RESET enable_seqscan;
-- A label that the old version does not know: only a reader of that row fails.
INSERT INTO shop.orders VALUES (3, 'late', '{late}');
SELECT id, status FROM shop_v1.orders WHERE id < 3 ORDER BY id;
SET enable_seqscan = off;
SELECT id, status FROM shop_v1.orders WHERE status = 'paid';
RESET enable_seqscan;
SELECT status FROM shop_v1.orders WHERE id = 3;
DELETE FROM shop.orders WHERE id = 3;

-- Again, as Alembic and hand-written scripts do: the old type goes first, then the new one takes the name.
SELECT strata.publish('shop', 'v3');
BEGIN;
CREATE TYPE shop.status_tmp AS ENUM ('new', 'paid', 'late', 'gone');
ALTER TABLE shop.orders ALTER status DROP DEFAULT,
    ALTER status TYPE shop.status_tmp USING status::text::shop.status_tmp,
    ALTER history TYPE shop.status_tmp[] USING history::text[]::shop.status_tmp[];
DROP TYPE IF EXISTS shop."Status";
ALTER TYPE shop.status_tmp RENAME TO "Status";
COMMIT;
SELECT * FROM shop.types();
SELECT column_name, type, read_as FROM strata.contract('shop', 'v1') WHERE column_name <> 'id';
SELECT column_name, type, read_as FROM strata.contract('shop', 'v3') WHERE column_name <> 'id';
SELECT * FROM shop_v1.orders ORDER BY id;
SELECT * FROM shop_v3.orders ORDER BY id;
SELECT count(*) FROM strata.kept_index;

-- Domains and composite types.
CREATE DOMAIN shop.email AS text CHECK (VALUE LIKE '%@%');
CREATE TYPE shop.address AS (street text, zip int);
CREATE TYPE shop.unrelated AS ENUM ('x');
CREATE TABLE shop.people (id int PRIMARY KEY, mail shop.email, home shop.address);
INSERT INTO shop.people VALUES (1, 'ada@example.org', '("12 St James, London",1815)');
SELECT strata.publish('shop', 'v4');
ALTER TABLE shop.people ALTER mail TYPE text;
DROP DOMAIN shop.email;
CREATE TYPE shop.address2 AS (street text, zip text);
ALTER TABLE shop.people ALTER home TYPE shop.address2 USING home::text::shop.address2;
-- Two in one statement, one of them nobody's.
DROP TYPE shop.unrelated, shop.address CASCADE;
SELECT * FROM shop.types();
SELECT id, mail, (home).street, (home).zip FROM shop_v4.people;

-- A type that a table of somebody else uses: the server says so. CASCADE would take that table's column.
CREATE TYPE shop.kind AS ENUM ('a');
CREATE TABLE shop.things (id int, kind shop.kind);
SELECT strata.publish('shop', 'v5');
CREATE SCHEMA elsewhere;
CREATE TABLE elsewhere.t (kind shop.kind);
CREATE TYPE shop.kind2 AS ENUM ('a', 'b');
ALTER TABLE shop.things ALTER kind TYPE shop.kind2 USING kind::text::shop.kind2;
DROP TYPE shop.kind;
DROP TYPE shop.kind CASCADE;
-- Who may not drop it may not make a version adopt it.
DROP TABLE elsewhere.t;
CREATE ROLE regress_strata_other;
GRANT USAGE ON SCHEMA shop TO regress_strata_other;
SET ROLE regress_strata_other;
DROP TYPE shop.kind;
RESET ROLE;
SELECT strata.set_option('shop', 'on_break', 'follow');
DROP TYPE shop.kind CASCADE;
SELECT strata.set_option('shop', 'on_break', 'refuse');
SELECT * FROM shop.types() WHERE type_name = 'kind';

-- The name is taken in the version's schema, by the row type of a view.
CREATE SCHEMA shop_types;
CREATE TYPE shop_types.parcels AS ENUM ('p');
CREATE TABLE shop.parcels (id int, p shop_types.parcels);
SELECT strata.publish('shop', 'v6');
SELECT strata.publish('shop', 'v7');
CREATE TYPE shop_types.other AS ENUM ('p');
ALTER TABLE shop.parcels ALTER p TYPE shop_types.other USING p::text::shop_types.other;
DROP TYPE shop_types.parcels;
SELECT * FROM shop.types() WHERE type_name ~ 'parcels';

-- A type that only the write direction still passes through.
CREATE TYPE shop.middle AS ENUM ('p', 'q');
CREATE TABLE shop.steps (id int, s text);
SELECT strata.publish('shop', 'v8');
SELECT strata.prepare_type_change('shop.steps', 's', 'shop.middle', 's::text', 's::shop.middle');
ALTER TABLE shop.steps ALTER s TYPE shop.middle USING s::shop.middle;
SELECT strata.publish('shop', 'v9');
SELECT strata.prepare_type_change('shop.steps', 's', 'int', $$CASE s WHEN 1 THEN 'p' ELSE 'q' END::shop.middle$$, $$CASE s WHEN 'p' THEN 1 ELSE 2 END$$);
ALTER TABLE shop.steps ALTER s TYPE int USING CASE s WHEN 'p' THEN 1 ELSE 2 END;
DROP TYPE shop.middle;
SELECT column_name, read_as, write_as FROM strata.contract('shop', 'v8') WHERE relation = 'steps' AND column_name = 's';

-- Types are handed on when their version retires, and go with the last one.
SELECT strata.retire('shop', 'v6');
SELECT * FROM shop.types() WHERE type_name ~ 'parcels';
SELECT strata.retire('shop', 'v1');
SELECT * FROM shop.types() WHERE type_name ~ 'Status';
SELECT * FROM shop_v2.orders ORDER BY id;
SELECT * FROM strata.verify();
SELECT strata.retire('shop', 'v8');
SELECT * FROM shop.types() WHERE type_name = 'middle';
SELECT strata.retire('shop', v) FROM unnest(ARRAY['v2', 'v3', 'v4', 'v5', 'v7', 'v9']) AS v;
SELECT * FROM shop.types();
SELECT count(*) FROM strata.kept_index;
SELECT strata.untrack('shop');
SET client_min_messages = warning;
DROP SCHEMA shop, shop_types, elsewhere CASCADE;
DROP ROLE regress_strata_other;
