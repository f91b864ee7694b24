ALTER TABLE "dispatch"."delivery_event" ADD COLUMN "written_by" "xid8" DEFAULT pg_current_xact_id() NOT NULL;--> statement-breakpoint
ALTER TABLE "dispatch"."driver_event" ADD COLUMN "written_by" "xid8" DEFAULT pg_current_xact_id() NOT NULL;--> statement-breakpoint
CREATE INDEX "delivery_event_written" ON "dispatch"."delivery_event" USING btree ("written_by");--> statement-breakpoint
CREATE INDEX "driver_event_written" ON "dispatch"."driver_event" USING btree ("written_by");