-- Room in each page for the next version of a row, which then needs no new row in any index (HOT update).
ALTER TABLE "dispatch"."delivery" SET (fillfactor = 80);--> statement-breakpoint
-- By Postgres' own measure, a fifth of the table, a million rows that retention took away would lie dead in a table of five.
ALTER TABLE "dispatch"."delivery" SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_analyze_scale_factor = 0.02);--> statement-breakpoint
ALTER TABLE "dispatch"."delivery_event" SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_analyze_scale_factor = 0.02);--> statement-breakpoint
ALTER TABLE "dispatch"."driver_event" SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_analyze_scale_factor = 0.02);--> statement-breakpoint
ALTER TABLE "dispatch"."dispatch_decision" SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_analyze_scale_factor = 0.02);--> statement-breakpoint
ALTER TABLE "dispatch"."idempotency" SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_analyze_scale_factor = 0.02);--> statement-breakpoint
ALTER TABLE "dispatch"."outbox" SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_analyze_scale_factor = 0.02);--> statement-breakpoint
CREATE TABLE "dispatch"."outbox_lane" (
	"delivery_id" uuid PRIMARY KEY NOT NULL,
	"shop_id" uuid NOT NULL,
	"last_seq" integer NOT NULL,
	"due_at" timestamp with time zone DEFAULT now(),
	"leased_by" text,
	"attempts" integer DEFAULT 0 NOT NULL,
	"failed_id" uuid,
	"last_error" text,
	"parked_at" timestamp with time zone,
	CONSTRAINT "outbox_lane_parked" CHECK (("dispatch"."outbox_lane"."due_at" is null) = ("dispatch"."outbox_lane"."parked_at" is not null))
);
--> statement-breakpoint
ALTER TABLE "dispatch"."outbox_lane" SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);--> statement-breakpoint
-- Here and not in the statements that write events, so that an event of the version before, which knows no lanes and still
-- runs while this is done, has one too. In order of delivery, as the relays lock lanes.
CREATE FUNCTION dispatch.open_lanes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO dispatch.outbox_lane AS l (delivery_id, shop_id, last_seq)
  SELECT DISTINCT ON (b.delivery_id) b.delivery_id, b.shop_id, b.seq FROM born b ORDER BY b.delivery_id, b.seq DESC
  ON CONFLICT (delivery_id) DO UPDATE SET last_seq = greatest(l.last_seq, excluded.last_seq);
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER open_lanes AFTER INSERT ON "dispatch"."outbox" REFERENCING NEW TABLE AS born
  FOR EACH STATEMENT EXECUTE FUNCTION dispatch.open_lanes();--> statement-breakpoint
-- What is still to be sent.
INSERT INTO "dispatch"."outbox_lane" (delivery_id, shop_id, last_seq, due_at, attempts, failed_id, last_error, parked_at)
SELECT h.delivery_id, h.shop_id, h.last_seq,
  CASE WHEN h.parked_at IS NULL THEN greatest(h.next_attempt_at, h.leased_until) END,
  h.attempts, CASE WHEN h.last_error IS NOT NULL THEN h.id END, h.last_error, h.parked_at
FROM (SELECT DISTINCT ON (o.delivery_id) o.*, max(o.seq) OVER (PARTITION BY o.delivery_id) AS last_seq
  FROM "dispatch"."outbox" o WHERE o.sent_at IS NULL ORDER BY o.delivery_id, o.seq) h;--> statement-breakpoint
DROP INDEX "dispatch"."outbox_due";--> statement-breakpoint
DROP INDEX "dispatch"."outbox_failed";--> statement-breakpoint
DROP INDEX "dispatch"."outbox_unsent";--> statement-breakpoint
DROP INDEX "dispatch"."delivery_due";--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD COLUMN "ended_as" text GENERATED ALWAYS AS (case when status in ('DELIVERED','FAILED','RETURNED','CANCELLED') then status end) STORED;--> statement-breakpoint
CREATE INDEX "outbox_lane_due" ON "dispatch"."outbox_lane" USING btree ("shop_id","due_at","delivery_id") WHERE "dispatch"."outbox_lane"."due_at" is not null;--> statement-breakpoint
CREATE INDEX "outbox_lane_failed" ON "dispatch"."outbox_lane" USING btree ("shop_id","failed_id") WHERE "dispatch"."outbox_lane"."failed_id" is not null;--> statement-breakpoint
CREATE INDEX "delivery_shop_ended" ON "dispatch"."delivery" USING btree ("shop_id","ended_at") WHERE "dispatch"."delivery"."ended_at" is not null;--> statement-breakpoint
CREATE INDEX "delivery_open" ON "dispatch"."delivery" USING btree ("shop_id","id") WHERE "dispatch"."delivery"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "delivery_missed" ON "dispatch"."delivery" USING btree ("shop_id","ended_as","id") WHERE "dispatch"."delivery"."ended_as" <> 'DELIVERED';--> statement-breakpoint
CREATE INDEX "delivery_missed_by" ON "dispatch"."delivery" USING btree ("driver_id","ended_as","id") WHERE "dispatch"."delivery"."ended_as" <> 'DELIVERED';--> statement-breakpoint
CREATE INDEX "delivery_due" ON "dispatch"."delivery" USING btree ("next_dispatch_at") WHERE "dispatch"."delivery"."next_dispatch_at" is not null;--> statement-breakpoint
ALTER TABLE "dispatch"."driver_event" ADD COLUMN "shop_id" uuid;--> statement-breakpoint
-- The version before, which may still run, writes driver events without their shop; followers must hear of them too.
CREATE FUNCTION dispatch.driver_event_shop() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT shop_id INTO NEW.shop_id FROM dispatch.driver WHERE id = NEW.driver_id;
  RETURN NEW;
END $$;--> statement-breakpoint
CREATE TRIGGER driver_event_shop BEFORE INSERT ON dispatch.driver_event FOR EACH ROW WHEN (NEW.shop_id IS NULL)
  EXECUTE FUNCTION dispatch.driver_event_shop();--> statement-breakpoint
DROP INDEX "dispatch"."delivery_event_written";--> statement-breakpoint
DROP INDEX "dispatch"."driver_event_written";--> statement-breakpoint
CREATE INDEX "delivery_event_changes" ON "dispatch"."delivery_event" USING btree ("shop_id","written_by");--> statement-breakpoint
CREATE INDEX "driver_event_changes" ON "dispatch"."driver_event" USING btree ("shop_id","written_by");--> statement-breakpoint
DROP INDEX "dispatch"."idempotency_age";--> statement-breakpoint
CREATE INDEX "idempotency_inbox_age" ON "dispatch"."idempotency" USING btree ("created_at") WHERE "dispatch"."idempotency"."scope" like 'webhook:%';--> statement-breakpoint
CREATE INDEX "idempotency_age" ON "dispatch"."idempotency" USING btree ("created_at") WHERE "dispatch"."idempotency"."scope" not like 'webhook:%';--> statement-breakpoint
CREATE TABLE "dispatch"."hearing" (
	"one" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"since" timestamp with time zone DEFAULT now() NOT NULL,
	"renewed_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "hearing_one" CHECK ("dispatch"."hearing"."one")
);
