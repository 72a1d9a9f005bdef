-- What the shop had sold when its first version was published. Ids above 1000 belong to later customers.

BEGIN;

INSERT INTO shop.customers (id, name, email, phone, country, newsletter, created_at)
SELECT n,
       (ARRAY['Ada', 'Grace', 'Edsger', 'Barbara', 'Çetin', 'Zoë', 'Jean-Luc'])[n % 7 + 1] || ' '
         || (ARRAY['Lovelace', 'van der Berg', 'Dijkstra', 'O''Neill', 'Müller'])[n % 5 + 1],
       'Customer.' || n || '@example.com',
       CASE WHEN n % 4 <> 0 THEN '+49 30 ' || 100000 + n END,
       (ARRAY['DE', 'NL', 'FR'])[n % 3 + 1],
       n % 2 = 0,
       timestamp '2025-02-03 04:05:06.789' + n * interval '7 hours 13 minutes'
FROM generate_series(1, 60) n;

INSERT INTO shop.products (id, sku, title, description, price, stock, legacy_code)
SELECT n, sku, 'Article ' || n, CASE WHEN n % 3 = 0 THEN '' ELSE 'Comes in ' || n || ' colours' END,
       n * 3.35, n % 9, left(replace(sku, '-', ''), 10)
FROM (SELECT n, 'AB-' || 1000 + n || '-' || repeat('X', n % 6 + 1) AS sku FROM generate_series(1, 25) n) article;

INSERT INTO shop.orders (id, customer_id, status, total, placed_at, note)
SELECT n, n % 60 + 1, (enum_range(NULL::shop.order_status))[n % 4 + 1], n * 12.10,
       timestamp '2025-03-29 22:15:00.25' + n * interval '5 hours 31 minutes',
       CASE WHEN n % 5 = 0 THEN 'Ring twice, line ' || n END
FROM generate_series(1, 150) n;

INSERT INTO shop.order_items (order_id, line_no, product_id, quantity, unit_price)
SELECT o, l, (o + l) % 25 + 1, l, ((o + l) % 25 + 1) * 3.35
FROM generate_series(1, 150) o, generate_series(1, 3) l
WHERE l <= o % 3 + 1;

SELECT setval('shop.customers_id_seq', 1000), setval('shop.products_id_seq', 1000),
       setval('shop.orders_id_seq', 1000);

COMMIT;
