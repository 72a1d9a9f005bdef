-- Revert shop:orders from pg

BEGIN;

DROP TABLE shop.order_items;
DROP TABLE shop.orders;
DROP TABLE shop.products;
DROP TYPE shop.order_status;

COMMIT;
