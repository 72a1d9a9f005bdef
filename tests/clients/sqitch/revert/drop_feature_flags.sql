-- Revert shop:drop_feature_flags from pg

BEGIN;

CREATE TABLE shop.feature_flags (
  id      integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  flag    text NOT NULL UNIQUE,
  enabled boolean NOT NULL DEFAULT false
);

COMMIT;
