-- Verify shop:overview_country on pg

SELECT id, email, orders, country FROM shop.customer_overview WHERE false;
