-- Renames, retypes and splits what was renamed, retyped and split before; other indexes.
ALTER TABLE library.patrons RENAME TO people;
ALTER TABLE library.people RENAME COLUMN first_name TO given_name;
ALTER TABLE library.people RENAME COLUMN last_name TO family_name;
ALTER TABLE library.people ALTER COLUMN points TYPE numeric;
ALTER TABLE library.people ADD COLUMN standing_no integer NOT NULL DEFAULT 1;
UPDATE library.people SET standing_no = CASE standing WHEN 'active' THEN 1 ELSE 2 END;
SELECT strata.replace_column('library.people', 'standing', $$CASE standing_no WHEN 1 THEN 'active' ELSE 'gone' END$$,
    $${"standing_no": "CASE standing WHEN 'active' THEN 1 ELSE 2 END"}$$);
ALTER TABLE library.people DROP COLUMN standing;
ALTER TABLE library.books ALTER COLUMN price TYPE bigint;
ALTER TABLE library.books ADD CONSTRAINT books_new_key UNIQUE (isbn);
ALTER TABLE library.books DROP CONSTRAINT books_isbn_key;
DROP INDEX library.loans_book;
CREATE INDEX loans_of_book ON library.loans (book_id, lent);
ALTER TABLE library.loans ALTER COLUMN fine_cents TYPE smallint;
ALTER TABLE library.loans RENAME TO lendings;
