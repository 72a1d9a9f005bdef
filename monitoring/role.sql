-- A role for prometheus-postgres-exporter: once for each server, as a superuser. It connects over the Unix socket as
-- the operating system's user of that name, without a password.
CREATE ROLE prometheus LOGIN IN ROLE pg_monitor;
ALTER ROLE prometheus SET search_path = pg_catalog;
ALTER ROLE prometheus SET statement_timeout = '10s';
