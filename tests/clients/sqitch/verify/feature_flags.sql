-- Verify shop:feature_flags on pg

SELECT id, flag, enabled FROM shop.feature_flags WHERE false;
