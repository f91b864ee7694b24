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
