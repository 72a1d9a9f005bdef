-- Deploy shop:orders to pg
-- requires: customers

BEGIN;

CREATE TYPE shop.order_status AS ENUM ('new', 'paid', 'shipped', 'cancelled');

CREATE TABLE shop.products (
  id          serial PRIMARY KEY,
  sku         varchar(20) NOT NULL UNIQUE,
  title       varchar(80) NOT NULL,
  description text DEFAULT '',
  price       numeric(10,2) NOT NULL CONSTRAINT products_price_check CHECK (price >= 0),
  stock       integer NOT NULL DEFAULT 0,
  legacy_code varchar(10)
);

CREATE TABLE shop.orders (
  id          serial PRIMARY KEY,
  customer_id integer NOT NULL REFERENCES shop.customers (id),
  status      shop.order_status NOT NULL DEFAULT 'new',
  total       numeric(10,2) NOT NULL DEFAULT 0,
  placed_at   timestamp NOT NULL DEFAULT now(),
  note        text
);

CREATE TABLE shop.order_items (
  order_id   integer NOT NULL REFERENCES shop.orders (id) ON DELETE CASCADE,
  line_no    smallint NOT NULL,
  product_id integer NOT NULL REFERENCES shop.products (id),
  quantity   integer NOT NULL DEFAULT 1,
  unit_price numeric(10,2) NOT NULL,
  PRIMARY KEY (order_id, line_no)
);

CREATE INDEX order_items_product_id_idx ON shop.order_items (product_id);
CREATE INDEX products_legacy_code_idx ON shop.products (legacy_code);

COMMIT;
