-- Deploy shop:order_id_bigint to pg
-- requires: orders

BEGIN;

ALTER TABLE shop.orders ALTER COLUMN id TYPE bigint;
ALTER TABLE shop.order_items ALTER COLUMN order_id TYPE bigint;
ALTER SEQUENCE shop.orders_id_seq AS bigint;

COMMIT;
