CREATE TABLE "dispatch"."device" (
	"id" uuid PRIMARY KEY DEFAULT dispatch.uuid_v7() NOT NULL,
	"shop_id" uuid NOT NULL,
	"driver_id" uuid NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"withdrawn_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "dispatch"."pairing" (
	"finder" text PRIMARY KEY NOT NULL,
	"proof" text NOT NULL,
	"shop_id" uuid NOT NULL,
	"driver_id" uuid NOT NULL,
	"misses" smallint DEFAULT 0 NOT NULL,
	"token_ttl_s" integer NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "dispatch"."console_session" (
	"id" uuid PRIMARY KEY DEFAULT dispatch.uuid_v7() NOT NULL,
	"key_id" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "dispatch"."api_key" DROP CONSTRAINT "api_key_scopes";--> statement-breakpoint
ALTER TABLE "dispatch"."shop" ADD COLUMN "limits" json DEFAULT '{}'::json NOT NULL;--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD COLUMN "message_digest" text;--> statement-breakpoint
ALTER TABLE "dispatch"."delivery_event" ADD COLUMN "was" json;--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD COLUMN "pincode_misses" smallint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "dispatch"."proof_photo" ADD COLUMN "driver_id" uuid;--> statement-breakpoint
ALTER TABLE "dispatch"."api_key" ADD COLUMN "expires_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "dispatch"."api_key" ADD COLUMN "last_used_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "dispatch"."device" ADD CONSTRAINT "device_driver_id_driver_id_fk" FOREIGN KEY ("driver_id") REFERENCES "dispatch"."driver"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dispatch"."pairing" ADD CONSTRAINT "pairing_driver_id_driver_id_fk" FOREIGN KEY ("driver_id") REFERENCES "dispatch"."driver"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dispatch"."console_session" ADD CONSTRAINT "console_session_key_id_api_key_id_fk" FOREIGN KEY ("key_id") REFERENCES "dispatch"."api_key"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "device_driver" ON "dispatch"."device" USING btree ("driver_id","id");--> statement-breakpoint
CREATE INDEX "pairing_age" ON "dispatch"."pairing" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "console_session_age" ON "dispatch"."console_session" USING btree ("expires_at");--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD CONSTRAINT "delivery_pincode_misses" CHECK ("dispatch"."delivery"."pincode_misses" between 0 and 5);--> statement-breakpoint
ALTER TABLE "dispatch"."api_key" ADD CONSTRAINT "api_key_scopes" CHECK ("dispatch"."api_key"."scopes" <@ array['admin','dispatch','read'] and cardinality("dispatch"."api_key"."scopes") > 0);--> statement-breakpoint
-- What `dispatch` allowed until now: a key that was made before can do what it could.
UPDATE "dispatch"."api_key" SET "scopes" = array_append("scopes", 'admin') WHERE 'dispatch' = ANY ("scopes");
