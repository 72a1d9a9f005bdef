INSERT INTO members (id, name, email, points)
VALUES (9001, 'Mary Ann Lee', 'mary.ann@example.com', 3), (9002, 'Prince', 'prince@example.com', 4);
INSERT INTO books (id, isbn, title, price) VALUES (9001, '9780000009001', 'New Style', 19.99);
INSERT INTO loans (id, member_id, book_id, fine) VALUES (9001, 9001, 9001, 2.05);
UPDATE members SET active = false, name = split_part(name, ' ', 1) || ' Curie' WHERE id = 3;
UPDATE books SET price = price + 0.05 WHERE id <= 3;
DELETE FROM loans WHERE id = 17;
