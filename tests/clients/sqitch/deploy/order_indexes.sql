-- Deploy shop:order_indexes to pg
-- requires: orders

BEGIN;

CREATE INDEX orders_customer_id_idx ON shop.orders (customer_id);
CREATE INDEX orders_note_idx ON shop.orders (customer_id) WHERE note IS NOT NULL;
CREATE INDEX customers_email_lower_idx ON shop.customers (lower(email));

COMMIT;
