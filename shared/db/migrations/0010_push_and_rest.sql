CREATE TABLE "dispatch"."push_key" (
	"one" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"public_key" text NOT NULL,
	"private_key" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "push_key_one" CHECK ("dispatch"."push_key"."one")
);
--> statement-breakpoint
CREATE TABLE "dispatch"."push_subscription" (
	"id" uuid PRIMARY KEY DEFAULT dispatch.uuid_v7() NOT NULL,
	"shop_id" uuid NOT NULL,
	"driver_id" uuid NOT NULL,
	"device_id" uuid,
	"token_version" integer NOT NULL,
	"endpoint" text NOT NULL,
	"p256dh" text NOT NULL,
	"auth" text NOT NULL,
	"told_version" bigint NOT NULL,
	"told_offers" uuid[] DEFAULT '{}' NOT NULL,
	"told_changes_until" timestamp with time zone DEFAULT now() NOT NULL,
	"asked_after" timestamp with time zone,
	"due_at" timestamp with time zone DEFAULT now() NOT NULL,
	"leased_by" uuid,
	"attempts" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "push_subscription_endpoint" UNIQUE("shop_id","endpoint")
);
--> statement-breakpoint
ALTER TABLE "dispatch"."push_subscription" ADD CONSTRAINT "push_subscription_driver_id_driver_id_fk" FOREIGN KEY ("driver_id") REFERENCES "dispatch"."driver"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "push_subscription_driver" ON "dispatch"."push_subscription" USING btree ("driver_id","id");--> statement-breakpoint
ALTER TABLE "dispatch"."dispatch_lease" ADD COLUMN "rests_until" timestamp with time zone;
