-- Deploy shop:feature_flags to pg
-- requires: appschema

BEGIN;

CREATE TABLE shop.feature_flags (
  id      integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  flag    text NOT NULL UNIQUE,
  enabled boolean NOT NULL DEFAULT false
);

INSERT INTO shop.feature_flags (flag, enabled) VALUES ('new_checkout', true), ('dark_mode', false);

COMMIT;
