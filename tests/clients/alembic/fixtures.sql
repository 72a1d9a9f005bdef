-- Who had stayed in the hotel when its first version was published. Ids above 1000 belong to later guests.

BEGIN;

INSERT INTO hotel.guests (id, full_name, email, phone, created_at)
SELECT n,
       (ARRAY['Ada', 'Grace', 'Edsger', 'Barbara', 'Çetin', 'Zoë', 'Jean-Luc'])[n % 7 + 1] || ' '
         || (ARRAY['Lovelace', 'van der Berg', 'Dijkstra', 'O''Neill', 'Müller'])[n % 5 + 1],
       'Guest.' || n || '@example.com',
       CASE WHEN n % 4 <> 0 THEN '+49 30 ' || 100000 + n END,
       timestamp '2025-02-03 04:05:06.789' + n * interval '7 hours 13 minutes'
FROM generate_series(1, 60) n;

INSERT INTO hotel.rooms (id, number, kind, nightly_rate, floor, active)
SELECT n, number, (enum_range(NULL::hotel.room_kind))[n % 3 + 1], 49.90 + n * 3.35, number / 100, n <> 13
FROM (SELECT n, (n / 10 + 1) * 100 + n % 10 AS number FROM generate_series(1, 30) n) room;

INSERT INTO hotel.bookings (id, guest_id, room_id, check_in, check_out, status, total, remarks, preferences,
                            created_at)
SELECT n, n % 60 + 1, n % 30 + 1, date '2025-03-01' + n, date '2025-03-02' + n + n % 4,
       (enum_range(NULL::hotel.booking_status))[n % 3 + 1], n * 12.10,
       CASE WHEN n % 5 = 0 THEN 'Late arrival, line ' || n ELSE '' END,
       CASE WHEN n % 3 = 0 THEN '{"pillow": "soft"}'::json WHEN n % 3 = 1 THEN '{"floor": 2}' END,
       timestamp '2025-02-20 22:15:00.25' + n * interval '5 hours 31 minutes'
FROM generate_series(1, 150) n;

INSERT INTO hotel.booking_extras (id, booking_id, label, price)
SELECT n, n % 150 + 1, (ARRAY['Breakfast', 'Parking', 'Dog'])[n % 3 + 1], n % 7 + 0.50
FROM generate_series(1, 220) n;

SELECT setval('hotel.guests_id_seq', 1000), setval('hotel.rooms_id_seq', 1000),
       setval('hotel.bookings_id_seq', 1000), setval('hotel.booking_extras_id_seq', 1000);

COMMIT;
