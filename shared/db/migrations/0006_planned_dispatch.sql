CREATE TABLE "dispatch"."dispatch_decision" (
	"id" uuid PRIMARY KEY DEFAULT dispatch.uuid_v7() NOT NULL,
	"delivery_id" uuid NOT NULL,
	"shop_id" uuid NOT NULL,
	"plan_id" uuid NOT NULL,
	"outcome" text NOT NULL,
	"driver_id" uuid,
	"reason" text NOT NULL,
	"policy" text NOT NULL,
	"cost_s" integer,
	"data" json NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "dispatch"."dispatch_lease" (
	"shop_id" uuid PRIMARY KEY NOT NULL,
	"holder" text NOT NULL,
	"until" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" DROP CONSTRAINT "delivery_dispatch";--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" DROP CONSTRAINT "delivery_searchable";--> statement-breakpoint
DROP INDEX "dispatch"."delivery_waiting";--> statement-breakpoint
DROP INDEX "dispatch"."delivery_one_per_driver";--> statement-breakpoint
ALTER TABLE "dispatch"."shop" ALTER COLUMN "policy" SET DEFAULT 'planned';--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD COLUMN "size" smallint DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD COLUMN "requires" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD COLUMN "priority" smallint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD COLUMN "hard_windows" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD COLUMN "pickup_after" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD COLUMN "pickup_before" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD COLUMN "dropoff_after" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD COLUMN "pickup_service_s" integer;--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD COLUMN "dropoff_service_s" integer;--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD COLUMN "due_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD COLUMN "held_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD COLUMN "held_reason" text;--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD COLUMN "pinned" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD COLUMN "pickup_rank" integer;--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD COLUMN "dropoff_rank" integer;--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD COLUMN "planned_pickup_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD COLUMN "planned_dropoff_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD COLUMN "announced_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "dispatch"."driver" ADD COLUMN "reserved" smallint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "dispatch"."driver" ADD COLUMN "tags" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "dispatch"."driver" ADD COLUMN "shift_ends_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "dispatch"."driver" ADD COLUMN "fixed_rank" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "dispatch"."driver_event" ADD COLUMN "route" json;--> statement-breakpoint
ALTER TABLE "dispatch"."shop" ADD COLUMN "dispatch" json DEFAULT '{}'::json NOT NULL;--> statement-breakpoint
ALTER TABLE "dispatch"."shop" ADD COLUMN "webhook_eta_changed" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "dispatch"."dispatch_decision" ADD CONSTRAINT "dispatch_decision_delivery_id_delivery_id_fk" FOREIGN KEY ("delivery_id") REFERENCES "dispatch"."delivery"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dispatch"."dispatch_lease" ADD CONSTRAINT "dispatch_lease_shop_id_shop_id_fk" FOREIGN KEY ("shop_id") REFERENCES "dispatch"."shop"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
-- What drivers have in hand becomes their routes: one delivery after the other, as they were given, which is what they were
-- told to do until now. Deliveries that wait have been due since they wait.
WITH held AS (SELECT id, status, row_number() OVER (PARTITION BY driver_id ORDER BY assigned_at, id) AS place
  FROM "dispatch"."delivery" WHERE status IN ('ASSIGNED','PICKED_UP','IN_TRANSIT'))
UPDATE "dispatch"."delivery" x SET dropoff_rank = 2 * held.place,
  pickup_rank = CASE WHEN held.status = 'ASSIGNED' THEN 2 * held.place - 1 END
FROM held WHERE x.id = held.id;--> statement-breakpoint
UPDATE "dispatch"."delivery" SET due_at = waiting_since WHERE status = 'PENDING';--> statement-breakpoint
CREATE INDEX "dispatch_decision_delivery" ON "dispatch"."dispatch_decision" USING btree ("delivery_id","id");--> statement-breakpoint
CREATE INDEX "dispatch_decision_age" ON "dispatch"."dispatch_decision" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "delivery_aboard" ON "dispatch"."delivery" USING btree ("driver_id") WHERE "dispatch"."delivery"."dropoff_rank" is not null;--> statement-breakpoint
CREATE INDEX "driver_busy" ON "dispatch"."driver" USING btree ("shop_id","id") WHERE "dispatch"."driver"."load" > 0;--> statement-breakpoint
CREATE INDEX "delivery_waiting" ON "dispatch"."delivery" USING btree ("shop_id","due_at","id") WHERE "dispatch"."delivery"."dispatch" in ('searching','held','exhausted');--> statement-breakpoint
CREATE UNIQUE INDEX "delivery_one_per_driver" ON "dispatch"."delivery" USING btree ("driver_id") WHERE "dispatch"."delivery"."exclusive" and "dispatch"."delivery"."dropoff_rank" is not null;--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD CONSTRAINT "delivery_held" CHECK ("dispatch"."delivery"."held_until" is null or "dispatch"."delivery"."dispatch" in ('scheduled','held','paused'));--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD CONSTRAINT "delivery_size" CHECK ("dispatch"."delivery"."size" between 1 and 100);--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD CONSTRAINT "delivery_priority" CHECK ("dispatch"."delivery"."priority" between -5 and 5);--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD CONSTRAINT "delivery_pickup_rank" CHECK (("dispatch"."delivery"."status" = 'ASSIGNED') = ("dispatch"."delivery"."pickup_rank" is not null));--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD CONSTRAINT "delivery_dropoff_rank" CHECK (case when "dispatch"."delivery"."status" in ('ASSIGNED','PICKED_UP','IN_TRANSIT') then "dispatch"."delivery"."dropoff_rank" is not null else "dispatch"."delivery"."dropoff_rank" is null or "dispatch"."delivery"."status" = 'FAILED' end);--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD CONSTRAINT "delivery_rank_order" CHECK ("dispatch"."delivery"."pickup_rank" < "dispatch"."delivery"."dropoff_rank");--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD CONSTRAINT "delivery_pinned" CHECK (not "dispatch"."delivery"."pinned" or "dispatch"."delivery"."dropoff_rank" is not null);--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD CONSTRAINT "delivery_dispatch" CHECK ("dispatch"."delivery"."dispatch" in ('needs_location','scheduled','searching','held','offered','paused','exhausted','settled'));--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD CONSTRAINT "delivery_searchable" CHECK ("dispatch"."delivery"."dispatch" in ('needs_location','paused','settled') or ("dispatch"."delivery"."pickup_lat" is not null and "dispatch"."delivery"."dropoff_lat" is not null));--> statement-breakpoint
ALTER TABLE "dispatch"."driver" ADD CONSTRAINT "driver_reserved" CHECK ("dispatch"."driver"."reserved" >= 0 and "dispatch"."driver"."load" + "dispatch"."driver"."reserved" <= "dispatch"."driver"."capacity");--> statement-breakpoint
ALTER TABLE "dispatch"."shop" ADD CONSTRAINT "shop_policy" CHECK ("dispatch"."shop"."policy" in ('planned','nearest'));