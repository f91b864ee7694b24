ALTER TABLE "dispatch"."delivery" ADD COLUMN "forgotten_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "dispatch"."outbox" ADD COLUMN "request_id" text;--> statement-breakpoint
ALTER TABLE "dispatch"."outbox" ADD COLUMN "traceparent" text;--> statement-breakpoint
CREATE INDEX "delivery_ended" ON "dispatch"."delivery" USING btree ("ended_at") WHERE "dispatch"."delivery"."ended_at" is not null and "dispatch"."delivery"."forgotten_at" is null;--> statement-breakpoint
CREATE INDEX "delivery_event_placed" ON "dispatch"."delivery_event" USING btree ("recorded_at") WHERE "dispatch"."delivery_event"."lat" is not null;--> statement-breakpoint
CREATE INDEX "driver_event_age" ON "dispatch"."driver_event" USING btree ("recorded_at");--> statement-breakpoint
CREATE INDEX "outbox_failed" ON "dispatch"."outbox" USING btree ("shop_id","id") WHERE "dispatch"."outbox"."sent_at" is null and "dispatch"."outbox"."last_error" is not null;--> statement-breakpoint
CREATE INDEX "outbox_age" ON "dispatch"."outbox" USING btree ("created_at");