-- Verify shop:rename_phone on pg

SELECT phone_number FROM shop.customers WHERE false;
