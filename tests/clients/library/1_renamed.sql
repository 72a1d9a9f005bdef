ALTER TABLE library.members RENAME TO patrons;
ALTER TABLE library.patrons RENAME COLUMN email TO mail;
ALTER TABLE library.patrons RENAME COLUMN joined TO member_since;
ALTER TABLE library.books RENAME COLUMN title TO name;
ALTER TABLE library.books RENAME COLUMN copies TO stock;
ALTER TABLE library.loans RENAME COLUMN state TO status;
ALTER TABLE library.loans RENAME COLUMN due TO due_on;
