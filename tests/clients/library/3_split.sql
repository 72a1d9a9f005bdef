ALTER TABLE library.patrons ADD COLUMN first_name varchar(60), ADD COLUMN last_name varchar(90) NOT NULL DEFAULT '',
    ADD COLUMN standing text NOT NULL DEFAULT 'active', ADD COLUMN branch text;
UPDATE library.patrons SET first_name = split_part(name, ' ', 1), standing = CASE WHEN active THEN 'active' ELSE 'gone' END,
    last_name = CASE WHEN strpos(name, ' ') = 0 THEN '' ELSE substr(name, strpos(name, ' ') + 1) END, branch = 'main';
SELECT strata.replace_column('library.patrons', 'name', $$rtrim(first_name || ' ' || last_name)$$,
    $${"first_name": "split_part(name, ' ', 1)",
       "last_name": "CASE WHEN strpos(name, ' ') = 0 THEN '' ELSE substr(name, strpos(name, ' ') + 1) END"}$$);
SELECT strata.replace_column('library.patrons', 'active', $$standing = 'active'$$,
    $${"standing": "CASE WHEN active THEN 'active' ELSE 'gone' END"}$$);
SELECT strata.fill_column('library.patrons', 'branch', $$'web'$$);
ALTER TABLE library.patrons ALTER COLUMN first_name SET NOT NULL, ALTER COLUMN branch SET NOT NULL;
ALTER TABLE library.patrons DROP COLUMN name, DROP COLUMN active;

ALTER TABLE library.loans ADD COLUMN fine_whole integer NOT NULL DEFAULT 0, ADD COLUMN fine_cents integer NOT NULL DEFAULT 0;
UPDATE library.loans SET fine_whole = trunc(fine)::integer, fine_cents = (fine * 100 % 100)::integer;
SELECT strata.replace_column('library.loans', 'fine', $$(fine_whole + fine_cents / 100.0)::numeric(8,2)$$,
    $${"fine_whole": "trunc(fine)::integer", "fine_cents": "(fine * 100 % 100)::integer"}$$);
ALTER TABLE library.loans DROP COLUMN fine;
