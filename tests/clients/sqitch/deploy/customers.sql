-- Deploy shop:customers to pg
-- requires: appschema

BEGIN;

CREATE TABLE shop.customers (
  id         serial PRIMARY KEY,
  name       text NOT NULL,
  email      varchar(120) NOT NULL,
  phone      varchar(20),
  country    char(2) NOT NULL DEFAULT 'DE',
  newsletter boolean NOT NULL DEFAULT false,
  created_at timestamp NOT NULL DEFAULT now()
);

CREATE UNIQUE INDEX customers_email_key ON shop.customers (email);

COMMENT ON TABLE shop.customers IS 'People who have an account';
COMMENT ON COLUMN shop.customers.country IS 'ISO 3166-1 alpha-2';

COMMIT;
