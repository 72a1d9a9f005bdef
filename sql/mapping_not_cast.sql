-- What an author wrote stays what it is when the types below it change: a call that looks like a
-- cast, a cast by way of a third type and one that cuts are no conversions that could be made afresh.
SET client_min_messages = warning;
CREATE SCHEMA nc;
CREATE TABLE nc.t (id int PRIMARY KEY, trimmed text, cut text, rounded text, plain text, whole int);
SELECT strata.track('nc');
SELECT strata.publish('nc', 'v1');
ALTER TABLE nc.t ADD COLUMN b text, ADD COLUMN x numeric;
INSERT INTO nc.t (id, b, x) VALUES (1, '  pad  ', 1.6);
SELECT strata.replace_column('nc.t', 'trimmed', 'trim(b)');
SELECT strata.replace_column('nc.t', 'cut', 'b::varchar(3)');
SELECT strata.replace_column('nc.t', 'rounded', 'x::int::text');
SELECT strata.replace_column('nc.t', 'plain', 'x::text');
SELECT strata.replace_column('nc.t', 'whole', 'x::int');
SELECT column_name, kind, read_as, write_as FROM strata.contract('nc', 'v1') ORDER BY position;
SELECT * FROM nc_v1.t;
ALTER TABLE nc.t ALTER COLUMN b TYPE varchar(100), ALTER COLUMN x TYPE numeric(10,2);
SELECT column_name, kind, read_as FROM strata.contract('nc', 'v1') ORDER BY position;
SELECT * FROM nc_v1.t;
ALTER TABLE nc.t ALTER COLUMN b TYPE text, ALTER COLUMN x TYPE numeric;
SELECT * FROM nc_v1.t;
-- nothing says how they are written
UPDATE nc_v1.t SET trimmed = 'z';
UPDATE nc_v1.t SET rounded = '3';
UPDATE nc_v1.t SET plain = '2.5' RETURNING plain, rounded, whole;

-- A write direction is cast to the type of its column, as an assignment is.
CREATE TABLE nc.w (id int PRIMARY KEY, a text);
SELECT strata.publish('nc', 'v2');
ALTER TABLE nc.w ADD COLUMN letters bigint, ADD COLUMN short varchar(3), ADD COLUMN kept text;
SELECT strata.replace_column('nc.w', 'a', 'kept', '{"kept": "a", "letters": "length(a)", "short": "a"}');
INSERT INTO nc_v2.w VALUES (1, 'abc');
INSERT INTO nc_v2.w VALUES (2, 'abcd');
SELECT * FROM nc.w;
ALTER TABLE nc.w ALTER COLUMN letters TYPE smallint;
INSERT INTO nc_v2.w VALUES (2, 'xy');
SELECT * FROM nc.w ORDER BY id;
ALTER TABLE nc.w ALTER COLUMN letters TYPE text USING 'n' || letters;
SELECT strata.prepare_type_change('nc.w', 'letters', 'text', 'substr(letters, 2)::smallint', '''n'' || letters');
ALTER TABLE nc.w ALTER COLUMN letters TYPE text USING 'n' || letters;
INSERT INTO nc_v2.w VALUES (3, 'z');
SELECT * FROM nc.w ORDER BY id;

-- Nothing but an expression is one.
SELECT strata.replace_column('nc.w', 'kept', 'a OFFSET 1');
SELECT strata.replace_column('nc.w', 'kept', 'a FOR UPDATE');
SELECT strata.replace_column('nc.w', 'kept', 'a WINDOW w AS ()');

SELECT * FROM strata.verify();
SELECT strata.retire('nc', 'v1'), strata.retire('nc', 'v2'), strata.untrack('nc');
DROP SCHEMA nc CASCADE;
