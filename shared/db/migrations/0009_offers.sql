CREATE TABLE "dispatch"."offer" (
	"id" uuid PRIMARY KEY DEFAULT dispatch.uuid_v7() NOT NULL,
	"shop_id" uuid NOT NULL,
	"driver_id" uuid NOT NULL,
	"delivery_ids" uuid[] NOT NULL,
	"size" smallint NOT NULL,
	"exclusive" boolean NOT NULL,
	"wave" smallint NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"reason" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "offer_state" CHECK ("dispatch"."offer"."state" in ('open','accepted','declined','expired','withdrawn')),
	CONSTRAINT "offer_ended" CHECK (("dispatch"."offer"."state" = 'open') = ("dispatch"."offer"."ended_at" is null))
);
--> statement-breakpoint
ALTER TABLE "dispatch"."delivery" ADD COLUMN "offered_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "dispatch"."shop" ADD COLUMN "webhook_offers" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "dispatch"."offer" ADD CONSTRAINT "offer_shop_id_shop_id_fk" FOREIGN KEY ("shop_id") REFERENCES "dispatch"."shop"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dispatch"."offer" ADD CONSTRAINT "offer_driver_id_driver_id_fk" FOREIGN KEY ("driver_id") REFERENCES "dispatch"."driver"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "offer_open" ON "dispatch"."offer" USING btree ("shop_id","expires_at") WHERE "dispatch"."offer"."state" = 'open';--> statement-breakpoint
CREATE INDEX "offer_open_of" ON "dispatch"."offer" USING btree ("driver_id","id") WHERE "dispatch"."offer"."state" = 'open';--> statement-breakpoint
CREATE INDEX "offer_delivery" ON "dispatch"."offer" USING gin ("delivery_ids");--> statement-breakpoint
CREATE INDEX "offer_age" ON "dispatch"."offer" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "delivery_offered" ON "dispatch"."delivery" USING btree ("shop_id") WHERE "dispatch"."delivery"."dispatch" = 'offered';
