CREATE SCHEMA IF NOT EXISTS dispatch;
--> statement-breakpoint
CREATE EXTENSION IF NOT EXISTS cube;
--> statement-breakpoint
CREATE EXTENSION IF NOT EXISTS btree_gist;
--> statement-breakpoint
-- UUID v7 (RFC 9562, 5.7): 48 bits of Unix milliseconds, then a random v4 with its version set to 7.
-- PostgreSQL 18 has uuidv7() of its own; this one runs on 14 and later.
CREATE FUNCTION dispatch.uuid_v7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
  SELECT encode(
    set_bit(set_bit(
      overlay(uuid_send(gen_random_uuid())
        PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
        FROM 1 FOR 6),
      52, 1), 53, 1),
    'hex')::uuid
$$;
