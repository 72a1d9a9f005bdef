-- A client of today's shape writes beside those of v1. 4_newer_plain.sql says the same in the words of v1.
SELECT strata.publish('library', 'v2');
INSERT INTO library_v2.patrons (id, first_name, last_name, mail, points, branch)
VALUES (9001, 'Mary Ann', 'Lee', 'mary.ann@example.com', 3, 'south'), (9002, 'Prince', '', 'prince@example.com', 4, 'south');
INSERT INTO library_v2.books (id, isbn, name, price) VALUES (9001, '9780000009001', 'New Style', 1999);
INSERT INTO library_v2.loans (id, member_id, book_id, fine_whole, fine_cents) VALUES (9001, 9001, 9001, 2, 5);
UPDATE library_v2.patrons SET standing = 'gone', last_name = 'Curie' WHERE id = 3;
UPDATE library_v2.books SET price = price + 5 WHERE id <= 3;
DELETE FROM library_v2.loans WHERE id = 17;
