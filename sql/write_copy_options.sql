-- Shows options of COPY that newer servers have: DEFAULT from 16, ON_ERROR from 17, REJECT_LIMIT from 18. Older
-- ones do not know them; there each statement is an error.
CREATE SCHEMA shop_o;
CREATE TABLE shop_o.users (id int PRIMARY KEY, name text, age int DEFAULT 7);
SELECT strata.track('shop_o');
SELECT strata.publish('shop_o', 'v1');
BEGIN;
ALTER TABLE shop_o.users ADD label text;
SELECT strata.replace_column('shop_o.users', 'name', 'lower(label)', '{"label": "upper(name)"}');
ALTER TABLE shop_o.users DROP name;
ALTER TABLE shop_o.users ALTER age TYPE bigint;
COMMIT;
\set VERBOSITY terse
COPY shop_o_v1.users FROM PROGRAM 'printf "1,a,1\n2,b,D\n3,N,D\n"' (FORMAT csv, NULL 'N', DEFAULT 'D');
COPY shop_o_v1.users FROM PROGRAM 'printf "4,D,4\n"' (FORMAT csv, DEFAULT 'D');
COPY shop_o_v1.users FROM PROGRAM 'printf "5,a,1\nx,b,D\n6,c,y\n7,d,7\n"' (FORMAT csv, ON_ERROR ignore);
COPY shop_o_v1.users FROM PROGRAM 'printf "8,a,1\nx,b,1\n"' (FORMAT csv, ON_ERROR ignore);
COPY shop_o_v1.users FROM PROGRAM 'printf "9,a,1\nx,b,1\n"' (FORMAT csv, ON_ERROR ignore, LOG_VERBOSITY verbose) WHERE age = 1;
COPY shop_o_v1.users FROM PROGRAM 'printf "10,a,1\nx,b,1\n"' (FORMAT csv, ON_ERROR ignore, LOG_VERBOSITY silent);
COPY shop_o_v1.users FROM PROGRAM 'printf "11,a,1\nx,b,1\ny,b,1\n"' (FORMAT csv, ON_ERROR ignore, REJECT_LIMIT 1);
COPY shop_o_v1.users FROM PROGRAM 'printf "12,a,1\nx,b,1\n"' (FORMAT csv, ON_ERROR stop);
COPY shop_o_v1.users FROM PROGRAM 'printf "13,N,1\n"' (FORMAT csv, NULL 'N', FORCE_NULL (name), FORCE_NOT_NULL (age));
COPY shop_o_v1.users FROM PROGRAM 'printf "id,name,age\n14,*x,y*,1\n"' (FORMAT csv, HEADER, DELIMITER ',', QUOTE '*');
SELECT * FROM shop_o.users ORDER BY id;
SELECT strata.retire('shop_o', 'v1');
SET client_min_messages = warning;
DROP SCHEMA shop_o CASCADE;
