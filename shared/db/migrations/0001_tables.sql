CREATE TABLE "dispatch"."api_key" (
	"id" text PRIMARY KEY NOT NULL,
	"shop_id" uuid NOT NULL,
	"name" text NOT NULL,
	"secret_sha256" text NOT NULL,
	"scopes" text[] NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "api_key_scopes" CHECK ("dispatch"."api_key"."scopes" <@ array['dispatch','read'] and cardinality("dispatch"."api_key"."scopes") > 0)
);
--> statement-breakpoint
CREATE TABLE "dispatch"."delivery" (
	"id" uuid PRIMARY KEY DEFAULT dispatch.uuid_v7() NOT NULL,
	"shop_id" uuid NOT NULL,
	"order_ref" text,
	"channel_id" text,
	"status" text DEFAULT 'PENDING' NOT NULL,
	"dispatch" text NOT NULL,
	"version" integer NOT NULL,
	"attempt" integer DEFAULT 1 NOT NULL,
	"driver_id" uuid,
	"exclusive" boolean DEFAULT false NOT NULL,
	"excluded_driver_ids" uuid[] DEFAULT '{}' NOT NULL,
	"pickup_lat" double precision,
	"pickup_lon" double precision,
	"pickup" json NOT NULL,
	"pickup_ready_at" timestamp with time zone,
	"dropoff_lat" double precision,
	"dropoff_lon" double precision,
	"dropoff" json NOT NULL,
	"dropoff_before" timestamp with time zone,
	"notes" text,
	"pincode" text,
	"proof" json,
	"failure_code" text,
	"failure_note" text,
	"unreachable_since" timestamp with time zone,
	"dispatch_attempts" integer DEFAULT 0 NOT NULL,
	"next_dispatch_at" timestamp with time zone,
	"waiting_since" timestamp with time zone DEFAULT now() NOT NULL,
	"assigned_at" timestamp with time zone,
	"picked_up_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "delivery_order" UNIQUE("shop_id","order_ref"),
	CONSTRAINT "delivery_status" CHECK ("dispatch"."delivery"."status" in ('PENDING','ASSIGNED','PICKED_UP','IN_TRANSIT','DELIVERED','FAILED','RETURNED','CANCELLED')),
	CONSTRAINT "delivery_dispatch" CHECK ("dispatch"."delivery"."dispatch" in ('needs_location','searching','offered','exhausted','settled')),
	CONSTRAINT "delivery_waits" CHECK (("dispatch"."delivery"."status" = 'PENDING') = ("dispatch"."delivery"."dispatch" <> 'settled')),
	CONSTRAINT "delivery_pending_has_no_driver" CHECK ("dispatch"."delivery"."status" <> 'PENDING' or "dispatch"."delivery"."driver_id" is null),
	CONSTRAINT "delivery_active_has_driver" CHECK ("dispatch"."delivery"."status" not in ('ASSIGNED','PICKED_UP','IN_TRANSIT','DELIVERED','FAILED','RETURNED') or "dispatch"."delivery"."driver_id" is not null),
	CONSTRAINT "delivery_failed_has_code" CHECK ("dispatch"."delivery"."status" not in ('FAILED') or "dispatch"."delivery"."failure_code" is not null),
	CONSTRAINT "delivery_searchable" CHECK ("dispatch"."delivery"."dispatch" not in ('searching','offered','exhausted') or ("dispatch"."delivery"."pickup_lat" is not null and "dispatch"."delivery"."dropoff_lat" is not null)),
	CONSTRAINT "delivery_pickup_pair" CHECK (("dispatch"."delivery"."pickup_lat" is null) = ("dispatch"."delivery"."pickup_lon" is null)),
	CONSTRAINT "delivery_dropoff_pair" CHECK (("dispatch"."delivery"."dropoff_lat" is null) = ("dispatch"."delivery"."dropoff_lon" is null)),
	CONSTRAINT "delivery_pickup_lat" CHECK ("dispatch"."delivery"."pickup_lat" between -85.05112878 and 85.05112878),
	CONSTRAINT "delivery_pickup_lon" CHECK ("dispatch"."delivery"."pickup_lon" between -180 and 180),
	CONSTRAINT "delivery_dropoff_lat" CHECK ("dispatch"."delivery"."dropoff_lat" between -85.05112878 and 85.05112878),
	CONSTRAINT "delivery_dropoff_lon" CHECK ("dispatch"."delivery"."dropoff_lon" between -180 and 180)
);
--> statement-breakpoint
CREATE TABLE "dispatch"."delivery_event" (
	"delivery_id" uuid NOT NULL,
	"seq" integer NOT NULL,
	"shop_id" uuid NOT NULL,
	"type" text NOT NULL,
	"status" text NOT NULL,
	"occurred_at" timestamp with time zone NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	"actor" text NOT NULL,
	"driver_id" uuid,
	"driver_version" bigint,
	"lat" double precision,
	"lon" double precision,
	"data" json,
	CONSTRAINT "delivery_event_delivery_id_seq_pk" PRIMARY KEY("delivery_id","seq"),
	CONSTRAINT "delivery_event_seq" CHECK ("dispatch"."delivery_event"."seq" > 0)
);
--> statement-breakpoint
CREATE TABLE "dispatch"."driver" (
	"id" uuid PRIMARY KEY DEFAULT dispatch.uuid_v7() NOT NULL,
	"shop_id" uuid NOT NULL,
	"external_ref" text,
	"name" text NOT NULL,
	"phone" text,
	"vehicle" text,
	"capacity" smallint DEFAULT 1 NOT NULL,
	"load" smallint DEFAULT 0 NOT NULL,
	"duty" text DEFAULT 'OFFLINE' NOT NULL,
	"status" text GENERATED ALWAYS AS (case when load >= capacity then 'BUSY' when duty = 'AVAILABLE' then 'AVAILABLE' when duty = 'OFFLINE' and load = 0 then 'OFFLINE' else 'BUSY' end) STORED NOT NULL,
	"version" bigint DEFAULT 1 NOT NULL,
	"active" boolean DEFAULT true NOT NULL,
	"token_version" integer DEFAULT 1 NOT NULL,
	"idle_since" timestamp with time zone DEFAULT now() NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "driver_external_ref" UNIQUE("shop_id","external_ref"),
	CONSTRAINT "driver_duty" CHECK ("dispatch"."driver"."duty" in ('AVAILABLE','BUSY','OFFLINE')),
	CONSTRAINT "driver_capacity" CHECK ("dispatch"."driver"."capacity" between 1 and 100),
	CONSTRAINT "driver_load" CHECK ("dispatch"."driver"."load" between 0 and "dispatch"."driver"."capacity"),
	CONSTRAINT "driver_retired" CHECK ("dispatch"."driver"."active" or ("dispatch"."driver"."duty" = 'OFFLINE' and "dispatch"."driver"."load" = 0))
);
--> statement-breakpoint
CREATE TABLE "dispatch"."driver_event" (
	"driver_id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"type" text NOT NULL,
	"status" text NOT NULL,
	"load" smallint NOT NULL,
	"capacity" smallint NOT NULL,
	"delivery_id" uuid,
	"actor" text NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "driver_event_driver_id_version_pk" PRIMARY KEY("driver_id","version")
);
--> statement-breakpoint
CREATE TABLE "dispatch"."driver_location" (
	"driver_id" uuid PRIMARY KEY NOT NULL,
	"shop_id" uuid NOT NULL,
	"lat" double precision,
	"lon" double precision,
	"recorded_at" timestamp with time zone,
	"seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"sphere" "cube" GENERATED ALWAYS AS (case when lat is null then null else cube(array[cos(radians(lat))*cos(radians(lon)), cos(radians(lat))*sin(radians(lon)), sin(radians(lat))]) end) STORED,
	CONSTRAINT "driver_location_lat" CHECK ("dispatch"."driver_location"."lat" between -85.05112878 and 85.05112878),
	CONSTRAINT "driver_location_lon" CHECK ("dispatch"."driver_location"."lon" between -180 and 180),
	CONSTRAINT "driver_location_pair" CHECK (("dispatch"."driver_location"."lat" is null) = ("dispatch"."driver_location"."lon" is null))
);
--> statement-breakpoint
CREATE TABLE "dispatch"."idempotency" (
	"scope" text NOT NULL,
	"key" text NOT NULL,
	"request_sha256" text NOT NULL,
	"result" json NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "idempotency_scope_key_pk" PRIMARY KEY("scope","key")
);
--> statement-breakpoint
CREATE TABLE "dispatch"."outbox" (
	"id" uuid PRIMARY KEY DEFAULT dispatch.uuid_v7() NOT NULL,
	"shop_id" uuid NOT NULL,
	"delivery_id" uuid NOT NULL,
	"seq" integer NOT NULL,
	"event" text NOT NULL,
	"body" text NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp with time zone DEFAULT now() NOT NULL,
	"leased_until" timestamp with time zone,
	"sent_at" timestamp with time zone,
	"parked_at" timestamp with time zone,
	"last_error" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "outbox_event" UNIQUE("delivery_id","seq")
);
--> statement-breakpoint
CREATE TABLE "dispatch"."projection_dirty" (
	"driver_id" uuid PRIMARY KEY NOT NULL,
	"shop_id" uuid NOT NULL,
	"version" bigint NOT NULL,
	"marked_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "dispatch"."shop" (
	"id" uuid PRIMARY KEY DEFAULT dispatch.uuid_v7() NOT NULL,
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"token_version" integer DEFAULT 1 NOT NULL,
	"max_radius_m" integer DEFAULT 10000 NOT NULL,
	"policy" text DEFAULT 'nearest' NOT NULL,
	"inbound_secrets" text[] DEFAULT '{}' NOT NULL,
	"inbound_static_sha256" text,
	"webhook_url" text,
	"webhook_secrets" text[] DEFAULT '{}' NOT NULL,
	"webhook_static_secret" text,
	"webhook_in_transit" boolean DEFAULT false NOT NULL,
	"webhook_disabled_at" timestamp with time zone,
	"pickup_lat" double precision,
	"pickup_lon" double precision,
	"pickup_address" json,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "shop_slug_unique" UNIQUE("slug"),
	CONSTRAINT "shop_radius" CHECK ("dispatch"."shop"."max_radius_m" between 1 and 200000),
	CONSTRAINT "shop_pickup_lat" CHECK ("dispatch"."shop"."pickup_lat" between -85.05112878 and 85.05112878),
	CONSTRAINT "shop_pickup_lon" CHECK ("dispatch"."shop"."pickup_lon" between -180 and 180),
	CONSTRAINT "shop_pickup_pair" CHECK (("dispatch"."shop"."pickup_lat" is null) = ("dispatch"."shop"."pickup_lon" is null))
);
--> statement-breakpoint
ALTER TABLE "dispatch"."api_key" ADD CONSTRAINT "api_key_shop_id_shop_id_fk" FOREIGN KEY ("shop_id") REFERENCES "dispatch"."shop"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD CONSTRAINT "delivery_shop_id_shop_id_fk" FOREIGN KEY ("shop_id") REFERENCES "dispatch"."shop"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD CONSTRAINT "delivery_driver_id_driver_id_fk" FOREIGN KEY ("driver_id") REFERENCES "dispatch"."driver"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dispatch"."delivery_event" ADD CONSTRAINT "delivery_event_delivery_id_delivery_id_fk" FOREIGN KEY ("delivery_id") REFERENCES "dispatch"."delivery"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dispatch"."driver" ADD CONSTRAINT "driver_shop_id_shop_id_fk" FOREIGN KEY ("shop_id") REFERENCES "dispatch"."shop"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dispatch"."driver_event" ADD CONSTRAINT "driver_event_driver_id_driver_id_fk" FOREIGN KEY ("driver_id") REFERENCES "dispatch"."driver"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dispatch"."driver_location" ADD CONSTRAINT "driver_location_driver_id_driver_id_fk" FOREIGN KEY ("driver_id") REFERENCES "dispatch"."driver"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dispatch"."outbox" ADD CONSTRAINT "outbox_delivery_id_seq_delivery_event_delivery_id_seq_fk" FOREIGN KEY ("delivery_id","seq") REFERENCES "dispatch"."delivery_event"("delivery_id","seq") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dispatch"."projection_dirty" ADD CONSTRAINT "projection_dirty_driver_id_driver_id_fk" FOREIGN KEY ("driver_id") REFERENCES "dispatch"."driver"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "api_key_shop" ON "dispatch"."api_key" USING btree ("shop_id");--> statement-breakpoint
CREATE INDEX "delivery_shop" ON "dispatch"."delivery" USING btree ("shop_id","id");--> statement-breakpoint
CREATE INDEX "delivery_driver" ON "dispatch"."delivery" USING btree ("driver_id","id");--> statement-breakpoint
CREATE INDEX "delivery_due" ON "dispatch"."delivery" USING btree ("next_dispatch_at") WHERE "dispatch"."delivery"."status" = 'PENDING';--> statement-breakpoint
CREATE INDEX "delivery_waiting" ON "dispatch"."delivery" USING btree ("shop_id","waiting_since","id") WHERE "dispatch"."delivery"."status" = 'PENDING';--> statement-breakpoint
CREATE UNIQUE INDEX "delivery_one_per_driver" ON "dispatch"."delivery" USING btree ("driver_id") WHERE "dispatch"."delivery"."exclusive" and "dispatch"."delivery"."status" in ('ASSIGNED','PICKED_UP','IN_TRANSIT');--> statement-breakpoint
CREATE INDEX "driver_shop" ON "dispatch"."driver" USING btree ("shop_id","id");--> statement-breakpoint
CREATE INDEX "driver_on_duty" ON "dispatch"."driver" USING btree ("id") WHERE "dispatch"."driver"."duty" <> 'OFFLINE' or "dispatch"."driver"."load" > 0;--> statement-breakpoint
CREATE INDEX "driver_location_sphere" ON "dispatch"."driver_location" USING gist ("shop_id","sphere");--> statement-breakpoint
CREATE INDEX "driver_location_seen" ON "dispatch"."driver_location" USING btree ("seen_at");--> statement-breakpoint
CREATE INDEX "idempotency_age" ON "dispatch"."idempotency" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "outbox_due" ON "dispatch"."outbox" USING btree ("shop_id","next_attempt_at","id") WHERE "dispatch"."outbox"."sent_at" is null and "dispatch"."outbox"."parked_at" is null;--> statement-breakpoint
CREATE INDEX "outbox_unsent" ON "dispatch"."outbox" USING btree ("delivery_id","seq") WHERE "dispatch"."outbox"."sent_at" is null;