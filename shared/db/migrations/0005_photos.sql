CREATE TABLE "dispatch"."proof_photo" (
	"delivery_id" uuid PRIMARY KEY NOT NULL,
	"shop_id" uuid NOT NULL,
	"kept_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "dispatch"."proof_photo" ADD CONSTRAINT "proof_photo_delivery_id_delivery_id_fk" FOREIGN KEY ("delivery_id") REFERENCES "dispatch"."delivery"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "proof_photo_age" ON "dispatch"."proof_photo" USING btree ("kept_at","delivery_id");--> statement-breakpoint
-- Photographs that were taken in before there were notes of them, as far as a delivery says that it has one.
INSERT INTO "dispatch"."proof_photo" ("delivery_id", "shop_id", "kept_at")
SELECT "id", "shop_id", "updated_at" FROM "dispatch"."delivery" WHERE "proof" ->> 'photoUrl' LIKE '%/v1/deliveries/' || "id" || '/proof';
