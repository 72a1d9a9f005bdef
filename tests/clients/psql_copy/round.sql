-- One round of a psql user who moves data in and out with files. Files are made from queries on nothing but numbers.

-- csv with a header, some columns; what is left out has its default
COPY (SELECT 'Csv Name' || n AS name, 'csv' || :round || '.' || n || '@example.com' AS email, n AS points, n % 2 = 0 AS active
      FROM generate_series(1, 200) n) TO STDOUT (FORMAT csv, HEADER) \g in.csv
\copy members (name, email, points, active) from in.csv with (format csv, header match)
SELECT count(*), min(id), max(id), sum(points), sum(level), min(joined), count(*) FILTER (WHERE active), min(preferences::text)
FROM members WHERE email LIKE 'csv' || :round || '.%';

-- text, every column, with keys, nulls, backslashes
COPY (SELECT 20000 + :round * 100 + n, E'Text\\Tab' || n || E' Of\tit', 'text' || :round || '.' || n || '@example.com', n, 2, date '2026-05-01' + n,
             true, jsonb_build_object('n', n), 1 FROM generate_series(1, 20) n) TO STDOUT \g in.text
\copy members from in.text
COPY (SELECT 20000 + :round * 100 + n, 1 + n % 20, 1 + :round, date '2030-01-01' + n, CASE WHEN n % 2 = 0 THEN date '2030-02-01' END,
             'open', n / 8.0, CASE WHEN n % 3 = 0 THEN 'copied' END FROM generate_series(1, 20) n) TO STDOUT \g in.text
\copy loans from in.text
SELECT * FROM loans WHERE id > 20000 + :round * 100 AND id < 20010 + :round * 100 ORDER BY id;

-- binary, in the types of the version
COPY (SELECT 'Binary Name' || n, 'bin' || :round || '.' || n || '@example.com', n, (n % 3)::smallint, date '2026-05-01' + n, n % 2 = 0,
             jsonb_build_object('n', n) FROM generate_series(1, 20) n) TO STDOUT (FORMAT binary) \g in.binary
\copy members (name, email, points, level, joined, active, preferences) from in.binary (format binary)
COPY (SELECT ('97' || lpad((:round * 100 + n)::text, 11, '0'))::varchar(13), 'Binary ' || n, (n * 1.05)::numeric(8,2), ARRAY['b', n::text]
      FROM generate_series(1, 20) n) TO STDOUT (FORMAT binary) \g in.binary
\copy books (isbn, title, price, tags) from in.binary (format binary)
SELECT isbn, title, price, tags, copies FROM books WHERE tags[1] = 'b' ORDER BY id DESC LIMIT 4;
SELECT name, points, level, joined, active FROM members WHERE name LIKE 'Binary%' ORDER BY id DESC LIMIT 4;

-- delimiters, another null, forced nulls, a condition (with keys: a table takes numbers for rows it leaves out, too)
COPY (SELECT 30000 + :round * 100 + n, 'Semi' || n || '; Colon', 'semi' || :round || '.' || n || '@example.com',
             CASE WHEN n % 2 = 0 THEN n END FROM generate_series(1, 10) n) TO STDOUT (FORMAT csv, DELIMITER ';', NULL '-') \g in.csv
\copy members (id, name, email, points) from in.csv with (format csv, delimiter ';', null '-') where points > 4
SELECT name, points FROM members WHERE email LIKE 'semi' || :round || '.%' ORDER BY id;
\copy loans (member_id, book_id, lent, note, fine) from stdin (format csv, force_null (note))
3,3,2033-01-01,"",1.5
3,4,2033-01-01,"a, b",0.25
\.
SELECT member_id, book_id, note, fine FROM loans WHERE lent = '2033-01-01' ORDER BY id;
DELETE FROM loans WHERE lent = '2033-01-01';

-- what is wrong is refused as by a table, and leaves nothing
\copy members (name, email) from stdin
Good One	good@example.com
Bad Twin	member1@example.com
\.
\copy members (name, email, points) from stdin
Good One	good@example.com	3000000000
\.
\copy members (name, email) from stdin
\N	good@example.com
\.
\copy members (name, mail) from stdin
Good One	good@example.com
\.
\copy members (name, email) from stdin
Good One	good@example.com	7
\.
\copy members (name, email) from in.csv with (format csv, header match)
\copy books (isbn, title, price) from stdin
12345678901234	Too Long	1
\.
\copy books (isbn, title, price) from stdin
1234567890123	Negative	-1
\.
\copy loans (member_id, book_id) from stdin
999999	1
\.
SELECT count(*) FROM members WHERE email = 'good@example.com';

-- in transactions, with what psql does by itself
BEGIN;
\copy members (name, email) from stdin
In Transaction	in.transaction@example.com
\.
UPDATE members SET name = 'Still ' || name WHERE email = 'in.transaction@example.com' RETURNING name;
ROLLBACK;
\set ON_ERROR_ROLLBACK on
BEGIN;
\copy members (name, email) from stdin
Bad Twin	member1@example.com
\.
\copy members (name, email) from stdin
Good Twin	good.twin@example.com
\.
COMMIT;
\set ON_ERROR_ROLLBACK off
SELECT id AS twin, name FROM members WHERE email LIKE '%tion@example.com' OR email = 'good.twin@example.com' \gset
DELETE FROM members WHERE id = :twin RETURNING name, :'name' AS known_as;
SELECT format('UPDATE members SET points = points + %s, name = %L WHERE id = %s', n, 'Gexec Name' || n, n) FROM generate_series(21, 24) n \gexec
\set FETCH_COUNT 7
SELECT id, name, points FROM members WHERE id <= 30 ORDER BY id;
\set FETCH_COUNT 0

-- out: the files are the same to the byte
\copy (SELECT * FROM members ORDER BY id) to out.csv csv header
\! cksum < out.csv
\copy (SELECT * FROM books ORDER BY id) to out.text
\! cksum < out.text
\copy (SELECT * FROM loans ORDER BY id) to out.binary binary
\! cksum < out.binary
\copy (WITH gone AS (DELETE FROM members WHERE email LIKE 'csv%' AND points > 20 RETURNING *) SELECT * FROM gone ORDER BY id) to out.binary binary
\! cksum < out.binary
\copy (DELETE FROM members WHERE email LIKE 'csv%.20@example.com' RETURNING *) to stdout csv
\copy (INSERT INTO members (name, email) VALUES ('Copied Out', 'copied.out@example.com') RETURNING *) to stdout csv
\copy (UPDATE members SET name = 'Copied Away', email = 'away' || id WHERE email = 'copied.out@example.com' RETURNING *) to stdout csv
-- and what goes out comes in again
DELETE FROM loans WHERE id BETWEEN 5 AND 9;
\copy (SELECT id, member_id, book_id, lent, due, state, fine, note FROM loans WHERE id BETWEEN 20001 AND 30000) to again.binary binary
DELETE FROM loans WHERE id BETWEEN 20001 AND 30000;
\copy loans from again.binary binary
SELECT count(*), sum(fine), max(note) FROM loans WHERE id > 20000;
