-- Verify shop:drop_feature_flags on pg

SELECT 1 / (to_regclass('shop.feature_flags') IS NULL)::int;
