-- Verify shop:appschema on pg

SELECT 1 / has_schema_privilege('shop_app', 'shop', 'usage')::int;
