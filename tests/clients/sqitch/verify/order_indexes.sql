-- Verify shop:order_indexes on pg

SELECT 'shop.orders_customer_id_idx'::regclass, 'shop.orders_note_idx'::regclass,
       'shop.customers_email_lower_idx'::regclass;
