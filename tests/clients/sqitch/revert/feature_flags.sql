-- Revert shop:feature_flags from pg

BEGIN;

DROP TABLE shop.feature_flags;

COMMIT;
