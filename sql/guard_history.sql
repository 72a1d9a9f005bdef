-- A year of a web shop's migrations, as tools write them, each of which only adds: under the installed
-- policies none is refused and none warns, before the first version is published and after.
SET client_min_messages = warning;
CREATE ROLE regress_shop LOGIN;
CREATE ROLE regress_app;
GRANT CREATE ON DATABASE contrib_regression TO regress_shop;
CREATE SCHEMA hist AUTHORIZATION regress_shop;
SELECT strata.track('hist', 'regress_shop');
SET SESSION AUTHORIZATION regress_shop;
SET search_path = hist;

-- The first release: tables with all that belongs to them, in one transaction.
BEGIN;
CREATE TYPE order_state AS ENUM ('new', 'paid', 'sent');
CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');
CREATE TABLE customers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, mail email UNIQUE, created timestamptz NOT NULL DEFAULT now());
CREATE TABLE products (id serial PRIMARY KEY, title text NOT NULL, price numeric(10, 2) NOT NULL CHECK (price >= 0));
CREATE TABLE orders (id bigserial PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, state order_state NOT NULL DEFAULT 'new', placed date NOT NULL DEFAULT '2030-01-01');
CREATE TABLE order_lines (order_id bigint REFERENCES orders ON DELETE CASCADE, product_id int REFERENCES products, pieces int NOT NULL DEFAULT 1, PRIMARY KEY (order_id, product_id));
CREATE TABLE visits (at timestamptz NOT NULL, path text) PARTITION BY RANGE (at);
CREATE TABLE visits_2030 PARTITION OF visits FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER touched BEFORE UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION touch();
ALTER TABLE order_lines OWNER TO regress_shop;
GRANT SELECT, INSERT, UPDATE, DELETE ON customers, products, orders, order_lines, visits TO regress_app;
COMMIT;
INSERT INTO customers (name, mail) SELECT 'c' || n, n || '@x' FROM generate_series(1, 100) AS n;
INSERT INTO products (title, price) SELECT 'p' || n, n FROM generate_series(1, 100) AS n;
INSERT INTO orders (customer_id) SELECT n FROM generate_series(1, 100) AS n;
INSERT INTO order_lines SELECT n, n FROM generate_series(1, 100) AS n;
INSERT INTO visits VALUES ('2030-05-05', '/');
CREATE TABLE schema_migrations (version text PRIMARY KEY);
INSERT INTO schema_migrations VALUES ('1');

-- Steps on tables in use that add, with the care that the books ask for.
ALTER TABLE customers ADD COLUMN phone text;
ALTER TABLE customers ADD COLUMN IF NOT EXISTS vip boolean NOT NULL DEFAULT false;
ALTER TABLE products ADD COLUMN sku uuid DEFAULT gen_random_uuid(), ADD COLUMN weight numeric;
COMMENT ON COLUMN products.weight IS 'kg';
CREATE INDEX CONCURRENTLY orders_placed ON orders (placed);
CREATE INDEX IF NOT EXISTS products_title ON products (lower(title));
CREATE UNIQUE INDEX CONCURRENTLY products_sku ON products (sku);
ALTER TYPE order_state ADD VALUE 'returned';
CREATE VIEW open_orders AS SELECT * FROM orders WHERE state <> 'sent';
CREATE MATERIALIZED VIEW turnover AS SELECT placed, count(*) AS orders FROM orders GROUP BY placed;
CREATE UNIQUE INDEX ON turnover (placed);
REFRESH MATERIALIZED VIEW CONCURRENTLY turnover;
CREATE TABLE visits_2031 PARTITION OF visits FOR VALUES FROM ('2031-01-01') TO ('2032-01-01');
CREATE TABLE visits_2032 (LIKE visits INCLUDING ALL);
ALTER TABLE visits ATTACH PARTITION visits_2032 FOR VALUES FROM ('2032-01-01') TO ('2033-01-01');
ALTER TABLE customers ALTER COLUMN phone SET DEFAULT '';
ALTER TABLE customers ALTER COLUMN name SET STATISTICS 500;
ALTER TABLE orders SET (fillfactor = 90);
CREATE STATISTICS orders_both ON customer_id, state FROM orders;
BEGIN;
CREATE SEQUENCE invoice_numbers;
CREATE TABLE invoices (id bigint PRIMARY KEY DEFAULT nextval('invoice_numbers'), order_id bigint NOT NULL);
ALTER SEQUENCE invoice_numbers OWNED BY invoices.id;
COMMIT;
ALTER SEQUENCE invoice_numbers CACHE 20;
CREATE DOMAIN zip AS text CHECK (length(VALUE) = 5);
DROP DOMAIN zip;
ALTER TABLE invoices ADD CONSTRAINT invoices_order FOREIGN KEY (order_id) REFERENCES orders NOT VALID;
ALTER TABLE invoices VALIDATE CONSTRAINT invoices_order;
ANALYZE orders;
VACUUM orders;
CREATE TABLE wishes (customer_id bigint NOT NULL REFERENCES customers ON DELETE CASCADE, product_id int REFERENCES products ON DELETE SET NULL);
CREATE TYPE size AS ENUM ('s', 'm');
ALTER TABLE products ADD COLUMN size size DEFAULT 'm';
DO $$ BEGIN EXECUTE 'ALTER TABLE hist.products ADD COLUMN color text'; END $$;

-- With a version published, expand and contract: its clients see nothing of it.
SELECT strata.publish('hist', '1');
ALTER TABLE customers ADD COLUMN first_name text, ADD COLUMN last_name text;
ALTER TABLE customers RENAME COLUMN phone TO telephone;
CREATE VIEW due_orders AS SELECT *, placed + 14 AS due FROM orders WHERE state <> 'sent';
ALTER TABLE products ALTER COLUMN id TYPE bigint;
ALTER TABLE products RENAME TO articles;
ALTER TABLE customers ADD CONSTRAINT name_length CHECK (length(name) < 1000) NOT VALID;
ALTER TABLE customers VALIDATE CONSTRAINT name_length;
ALTER TABLE customers ALTER COLUMN mail DROP NOT NULL;
ALTER INDEX products_title RENAME TO articles_title;
SELECT count(*) FROM hist_1.products;
-- An enum with other labels, as tools make it; what the versions still show they take over.
BEGIN;
CREATE TYPE size_new AS ENUM ('s', 'm', 'l');
ALTER TABLE articles ALTER COLUMN size DROP DEFAULT;
ALTER TABLE articles ALTER COLUMN size TYPE size_new USING size::text::size_new;
ALTER TABLE articles ALTER COLUMN size SET DEFAULT 'm';
ALTER TYPE size RENAME TO size_old;
ALTER TYPE size_new RENAME TO size;
DROP TYPE size_old;
COMMIT;
-- What a migration makes and takes away again was nobody's.
BEGIN;
CREATE TYPE step AS (n int);
CREATE FUNCTION stepped(n int) RETURNS int LANGUAGE sql AS 'SELECT n + 1';
CREATE TABLE steps (n int PRIMARY KEY);
CREATE TRIGGER touched BEFORE UPDATE ON steps FOR EACH ROW EXECUTE FUNCTION touch();
INSERT INTO steps SELECT stepped(n) FROM generate_series(1, 10) AS n;
DROP TRIGGER touched ON steps;
DROP TABLE steps;
DROP FUNCTION stepped(int);
DROP TYPE step;
COMMIT;
-- What was made by mistake and never had a row.
CREATE TABLE mistakes (id serial PRIMARY KEY, order_id bigint REFERENCES orders, name text UNIQUE);
CREATE TRIGGER touched BEFORE UPDATE ON mistakes FOR EACH ROW EXECUTE FUNCTION touch();
ALTER TABLE mistakes ALTER COLUMN name TYPE int USING 0;
ALTER TABLE mistakes DROP CONSTRAINT mistakes_order_id_fkey, DROP COLUMN name;
DROP TABLE mistakes;
SELECT strata.publish('hist', '2');
SELECT strata.deprecate('hist', '1');
RESET search_path;
RESET SESSION AUTHORIZATION;
SELECT count(*) AS refused FROM strata.attempts WHERE base = 'hist'::regnamespace;

BEGIN;
SELECT count(strata.drop_policy(hazard)) FROM strata.policies;
SELECT strata.set_option('hist', 'retire_after_idle', '0');
SELECT strata.retire('hist', '1'), strata.retire('hist', '2'), strata.untrack('hist');
DROP SCHEMA hist CASCADE;
COMMIT;
DELETE FROM strata.guard_policy WHERE NOT installed;
REVOKE CREATE ON DATABASE contrib_regression FROM regress_shop;
DROP ROLE regress_shop, regress_app;
