-- Deploy shop:drop_feature_flags to pg
-- requires: feature_flags

BEGIN;

DROP TABLE shop.feature_flags;

COMMIT;
