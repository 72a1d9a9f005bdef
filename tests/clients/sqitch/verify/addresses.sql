-- Verify shop:addresses on pg

SELECT id, customer_id, kind, street, city, country FROM shop.addresses WHERE false;
SELECT delivery_address_id FROM shop.sales_orders WHERE false;
