-- Results by key move to a table where a key takes 16 bytes. First those that are there, while everybody goes on.
CREATE FUNCTION dispatch.digest(text) RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT encode(substr(sha256(convert_to($1, 'UTF8')), 1, 16), 'hex')::uuid $$;--> statement-breakpoint
CREATE TABLE "dispatch"."kept_result" (
	"digest" uuid PRIMARY KEY NOT NULL,
	"request" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"delivery_id" uuid,
	"driver_id" uuid,
	"assigned_at" timestamp with time zone,
	"waiting_since" timestamp with time zone,
	"due_at" timestamp with time zone,
	"next_dispatch_at" timestamp with time zone,
	"planned_pickup_at" timestamp with time zone,
	"planned_dropoff_at" timestamp with time zone,
	"announced_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"updated_at" timestamp with time zone,
	"version" integer,
	"pickup_rank" integer,
	"dropoff_rank" integer,
	"exclusive" boolean,
	"pinned" boolean,
	"is_message" boolean DEFAULT false NOT NULL,
	"status" text,
	"result" json NOT NULL
);
--> statement-breakpoint
ALTER TABLE "dispatch"."kept_result" SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_analyze_scale_factor = 0.02);--> statement-breakpoint
INSERT INTO dispatch.kept_result (digest, request, created_at, is_message, result)
SELECT dispatch.digest(i.scope || ' ' || i.key), dispatch.digest(i.request_sha256), i.created_at, starts_with(i.scope, 'webhook:'), i.result
FROM dispatch.idempotency i;--> statement-breakpoint
CREATE INDEX "kept_result_age" ON "dispatch"."kept_result" USING btree ("created_at") WHERE not "dispatch"."kept_result"."is_message";--> statement-breakpoint
CREATE INDEX "kept_result_message_age" ON "dispatch"."kept_result" USING btree ("created_at") WHERE "dispatch"."kept_result"."is_message";--> statement-breakpoint
-- Then, while nobody writes, those that came meanwhile. The version before, which may still run, finds no key any more: what it
-- keeps goes to the new table, and where that has the key, a command of that version is refused and not done again.
LOCK TABLE "dispatch"."idempotency" IN ACCESS EXCLUSIVE MODE;--> statement-breakpoint
INSERT INTO dispatch.kept_result (digest, request, created_at, is_message, result)
SELECT dispatch.digest(i.scope || ' ' || i.key), dispatch.digest(i.request_sha256), i.created_at, starts_with(i.scope, 'webhook:'), i.result
FROM dispatch.idempotency i
WHERE NOT EXISTS (SELECT FROM dispatch.kept_result k WHERE k.digest = dispatch.digest(i.scope || ' ' || i.key));--> statement-breakpoint
TRUNCATE "dispatch"."idempotency";--> statement-breakpoint
CREATE FUNCTION dispatch.keep_of_before() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO dispatch.kept_result (digest, request, is_message, result) VALUES (dispatch.digest(NEW.scope || ' ' || NEW.key),
    dispatch.digest(NEW.request_sha256), starts_with(NEW.scope, 'webhook:'), NEW.result);
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER keep_of_before BEFORE INSERT ON "dispatch"."idempotency" FOR EACH ROW EXECUTE FUNCTION dispatch.keep_of_before();--> statement-breakpoint
ALTER TABLE "dispatch"."outbox" DROP COLUMN "attempts";--> statement-breakpoint
ALTER TABLE "dispatch"."outbox" DROP COLUMN "next_attempt_at";--> statement-breakpoint
ALTER TABLE "dispatch"."outbox" DROP COLUMN "leased_until";--> statement-breakpoint
ALTER TABLE "dispatch"."outbox" DROP COLUMN "parked_at";--> statement-breakpoint
ALTER TABLE "dispatch"."outbox" DROP COLUMN "last_error";--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD COLUMN "proof_required" text[];--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD COLUMN "rating" smallint;--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD COLUMN "rating_note" text;--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD COLUMN "rated_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "dispatch"."shop" ADD COLUMN "customer_page" json DEFAULT '{}'::json NOT NULL;--> statement-breakpoint
ALTER TABLE "dispatch"."shop" ADD COLUMN "proof_required" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "dispatch"."shop" ADD COLUMN "failure_proof_required" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "dispatch"."shop" ADD COLUMN "webhook_ratings" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD CONSTRAINT "delivery_rating" CHECK ("dispatch"."delivery"."rating" between 1 and 5);--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD CONSTRAINT "delivery_rated" CHECK ("dispatch"."delivery"."rating" is not null or ("dispatch"."delivery"."rating_note" is null and "dispatch"."delivery"."rated_at" is null));--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD CONSTRAINT "delivery_proof_required" CHECK ("dispatch"."delivery"."proof_required" <@ array['photo','signature','name','age16','age18','age21']);--> statement-breakpoint
ALTER TABLE "dispatch"."shop" ADD CONSTRAINT "shop_proof_required" CHECK ("dispatch"."shop"."proof_required" <@ array['photo','signature','name','age16','age18','age21','pin']);--> statement-breakpoint
ALTER TABLE "dispatch"."shop" ADD CONSTRAINT "shop_failure_proof_required" CHECK ("dispatch"."shop"."failure_proof_required" <@ array['note','photo']);--> statement-breakpoint
ALTER TABLE "dispatch"."driver" ADD COLUMN "break_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "dispatch"."driver" ADD COLUMN "last_one" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX "driver_on_break" ON "dispatch"."driver" USING btree ("break_until") WHERE "dispatch"."driver"."duty" = 'BUSY';--> statement-breakpoint
CREATE INDEX "offer_driver" ON "dispatch"."offer" USING btree ("driver_id","id");
