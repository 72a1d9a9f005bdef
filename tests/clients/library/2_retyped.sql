ALTER TABLE library.patrons
    ALTER COLUMN id TYPE bigint,
    ALTER COLUMN points TYPE bigint,
    ALTER COLUMN level TYPE integer,
    ALTER COLUMN version_id TYPE bigint,
    ALTER COLUMN mail TYPE text,
    ALTER COLUMN member_since TYPE timestamp;
SELECT strata.prepare_type_change('library.books', 'price', 'integer',
    read_as => '(price / 100.0)::numeric(8,2)', write_as => '(price * 100)::integer');
ALTER TABLE library.books
    ALTER COLUMN id TYPE bigint,
    ALTER COLUMN isbn TYPE text,
    ALTER COLUMN price TYPE integer USING (price * 100)::integer;
ALTER TABLE library.loans
    ALTER COLUMN id TYPE bigint,
    ALTER COLUMN member_id TYPE bigint,
    ALTER COLUMN book_id TYPE bigint,
    ALTER COLUMN note TYPE text;
