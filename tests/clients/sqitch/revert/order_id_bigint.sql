-- Revert shop:order_id_bigint from pg

BEGIN;

ALTER SEQUENCE shop.orders_id_seq AS integer;
ALTER TABLE shop.order_items ALTER COLUMN order_id TYPE integer;
ALTER TABLE shop.orders ALTER COLUMN id TYPE integer;

COMMIT;
