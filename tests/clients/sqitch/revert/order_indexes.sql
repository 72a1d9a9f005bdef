-- Revert shop:order_indexes from pg

BEGIN;

DROP INDEX shop.customers_email_lower_idx;
DROP INDEX shop.orders_note_idx;
DROP INDEX shop.orders_customer_id_idx;

COMMIT;
