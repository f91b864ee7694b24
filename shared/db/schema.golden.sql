CREATE EXTENSION btree_gist;
CREATE EXTENSION cube;

CREATE OR REPLACE FUNCTION dispatch.digest(text)
 RETURNS uuid
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ SELECT encode(substr(sha256(convert_to($1, 'UTF8')), 1, 16), 'hex')::uuid $function$;
CREATE OR REPLACE FUNCTION dispatch.driver_event_shop()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  SELECT shop_id INTO NEW.shop_id FROM dispatch.driver WHERE id = NEW.driver_id;
  RETURN NEW;
END $function$;
CREATE OR REPLACE FUNCTION dispatch.keep_of_before()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  INSERT INTO dispatch.kept_result (digest, request, is_message, result) VALUES (dispatch.digest(NEW.scope || ' ' || NEW.key),
    dispatch.digest(NEW.request_sha256), starts_with(NEW.scope, 'webhook:'), NEW.result);
  RETURN NULL;
END $function$;
CREATE OR REPLACE FUNCTION dispatch.nearest_drivers(shop uuid, center cube, chord double precision, most integer, excluded uuid[], silent_after interval)
 RETURNS TABLE(driver_id uuid, lat double precision, lon double precision, idle_since_ms double precision)
 LANGUAGE plpgsql
 STABLE
 SET enable_sort TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET jit TO 'off'
AS $function$
BEGIN
  RETURN QUERY SELECT d.id, l.lat, l.lon, floor(extract(epoch FROM d.idle_since) * 1000)::float8
  FROM dispatch.driver_location l JOIN dispatch.driver d ON d.id = l.driver_id
  WHERE l.shop_id = shop AND l.sphere <@ cube_enlarge(center, chord, 3) AND l.sphere <-> center <= chord
    AND l.seen_at > now() - silent_after
    AND d.active AND d.status = 'AVAILABLE' AND d.load < d.capacity AND d.id <> ALL(excluded)
  ORDER BY l.sphere <-> center, d.id LIMIT most;
END $function$;
CREATE OR REPLACE FUNCTION dispatch.open_lanes()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  INSERT INTO dispatch.outbox_lane AS l (delivery_id, shop_id, last_seq)
  SELECT DISTINCT ON (b.delivery_id) b.delivery_id, b.shop_id, b.seq FROM born b ORDER BY b.delivery_id, b.seq DESC
  ON CONFLICT (delivery_id) DO UPDATE SET last_seq = greatest(l.last_seq, excluded.last_seq);
  RETURN NULL;
END $function$;
CREATE OR REPLACE FUNCTION dispatch.uuid_v7()
 RETURNS uuid
 LANGUAGE sql
 PARALLEL SAFE
AS $function$
  SELECT encode(
    set_bit(set_bit(
      overlay(uuid_send(gen_random_uuid())
        PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
        FROM 1 FOR 6),
      52, 1), 53, 1),
    'hex')::uuid
$function$;

CREATE TABLE dispatch.api_key (
  id text NOT NULL,
  shop_id uuid NOT NULL,
  name text NOT NULL,
  secret_sha256 text NOT NULL,
  scopes text[] NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  revoked_at timestamp with time zone,
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  CONSTRAINT api_key_pkey PRIMARY KEY (id),
  CONSTRAINT api_key_shop_id_shop_id_fk FOREIGN KEY (shop_id) REFERENCES dispatch.shop(id),
  CONSTRAINT api_key_scopes CHECK (((scopes <@ ARRAY['admin'::text, 'dispatch'::text, 'read'::text]) AND (cardinality(scopes) > 0)))
);

CREATE TABLE dispatch.console_session (
  id uuid NOT NULL DEFAULT dispatch.uuid_v7(),
  key_id text NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  expires_at timestamp with time zone NOT NULL,
  CONSTRAINT console_session_pkey PRIMARY KEY (id),
  CONSTRAINT console_session_key_id_api_key_id_fk FOREIGN KEY (key_id) REFERENCES dispatch.api_key(id)
);

CREATE TABLE dispatch.delivery (
  id uuid NOT NULL DEFAULT dispatch.uuid_v7(),
  shop_id uuid NOT NULL,
  order_ref text,
  channel_id text,
  status text NOT NULL DEFAULT 'PENDING'::text,
  dispatch text NOT NULL,
  version integer NOT NULL,
  attempt integer NOT NULL DEFAULT 1,
  driver_id uuid,
  exclusive boolean NOT NULL DEFAULT false,
  excluded_driver_ids uuid[] NOT NULL DEFAULT '{}'::uuid[],
  pickup_lat double precision,
  pickup_lon double precision,
  pickup json NOT NULL,
  pickup_ready_at timestamp with time zone,
  dropoff_lat double precision,
  dropoff_lon double precision,
  dropoff json NOT NULL,
  dropoff_before timestamp with time zone,
  notes text,
  pincode text,
  proof json,
  failure_code text,
  failure_note text,
  unreachable_since timestamp with time zone,
  dispatch_attempts integer NOT NULL DEFAULT 0,
  next_dispatch_at timestamp with time zone,
  waiting_since timestamp with time zone NOT NULL DEFAULT now(),
  assigned_at timestamp with time zone,
  picked_up_at timestamp with time zone,
  ended_at timestamp with time zone,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  updated_at timestamp with time zone NOT NULL DEFAULT now(),
  forgotten_at timestamp with time zone,
  size smallint NOT NULL DEFAULT 1,
  requires text[] NOT NULL DEFAULT '{}'::text[],
  priority smallint NOT NULL DEFAULT 0,
  hard_windows boolean NOT NULL DEFAULT false,
  pickup_after timestamp with time zone,
  pickup_before timestamp with time zone,
  dropoff_after timestamp with time zone,
  pickup_service_s integer,
  dropoff_service_s integer,
  due_at timestamp with time zone NOT NULL DEFAULT now(),
  held_until timestamp with time zone,
  held_reason text,
  pinned boolean NOT NULL DEFAULT false,
  pickup_rank integer,
  dropoff_rank integer,
  planned_pickup_at timestamp with time zone,
  planned_dropoff_at timestamp with time zone,
  announced_at timestamp with time zone,
  ended_as text GENERATED ALWAYS AS ( CASE WHEN (status = ANY (ARRAY['DELIVERED'::text, 'FAILED'::text, 'RETURNED'::text, 'CANCELLED'::text])) THEN status ELSE NULL::text END) STORED,
  message_digest text,
  pincode_misses smallint NOT NULL DEFAULT 0,
  offered_at timestamp with time zone,
  proof_required text[],
  rating smallint,
  rating_note text,
  rated_at timestamp with time zone,
  CONSTRAINT delivery_pkey PRIMARY KEY (id),
  CONSTRAINT delivery_order UNIQUE (shop_id, order_ref),
  CONSTRAINT delivery_driver_id_driver_id_fk FOREIGN KEY (driver_id) REFERENCES dispatch.driver(id),
  CONSTRAINT delivery_shop_id_shop_id_fk FOREIGN KEY (shop_id) REFERENCES dispatch.shop(id),
  CONSTRAINT delivery_active_has_driver CHECK (((status <> ALL (ARRAY['ASSIGNED'::text, 'PICKED_UP'::text, 'IN_TRANSIT'::text, 'DELIVERED'::text, 'FAILED'::text, 'RETURNED'::text])) OR (driver_id IS NOT NULL))),
  CONSTRAINT delivery_dispatch CHECK ((dispatch = ANY (ARRAY['needs_location'::text, 'scheduled'::text, 'searching'::text, 'held'::text, 'offered'::text, 'paused'::text, 'exhausted'::text, 'settled'::text]))),
  CONSTRAINT delivery_dropoff_lat CHECK (((dropoff_lat >= ('-85.05112878'::numeric)::double precision) AND (dropoff_lat <= (85.05112878)::double precision))),
  CONSTRAINT delivery_dropoff_lon CHECK (((dropoff_lon >= ('-180'::integer)::double precision) AND (dropoff_lon <= (180)::double precision))),
  CONSTRAINT delivery_dropoff_pair CHECK (((dropoff_lat IS NULL) = (dropoff_lon IS NULL))),
  CONSTRAINT delivery_dropoff_rank CHECK (
CASE
    WHEN (status = ANY (ARRAY['ASSIGNED'::text, 'PICKED_UP'::text, 'IN_TRANSIT'::text])) THEN (dropoff_rank IS NOT NULL)
    ELSE ((dropoff_rank IS NULL) OR (status = 'FAILED'::text))
END),
  CONSTRAINT delivery_failed_has_code CHECK (((status <> 'FAILED'::text) OR (failure_code IS NOT NULL))),
  CONSTRAINT delivery_held CHECK (((held_until IS NULL) OR (dispatch = ANY (ARRAY['scheduled'::text, 'held'::text, 'paused'::text])))),
  CONSTRAINT delivery_pending_has_no_driver CHECK (((status <> 'PENDING'::text) OR (driver_id IS NULL))),
  CONSTRAINT delivery_pickup_lat CHECK (((pickup_lat >= ('-85.05112878'::numeric)::double precision) AND (pickup_lat <= (85.05112878)::double precision))),
  CONSTRAINT delivery_pickup_lon CHECK (((pickup_lon >= ('-180'::integer)::double precision) AND (pickup_lon <= (180)::double precision))),
  CONSTRAINT delivery_pickup_pair CHECK (((pickup_lat IS NULL) = (pickup_lon IS NULL))),
  CONSTRAINT delivery_pickup_rank CHECK (((status = 'ASSIGNED'::text) = (pickup_rank IS NOT NULL))),
  CONSTRAINT delivery_pincode_misses CHECK (((pincode_misses >= 0) AND (pincode_misses <= 5))),
  CONSTRAINT delivery_pinned CHECK (((NOT pinned) OR (dropoff_rank IS NOT NULL))),
  CONSTRAINT delivery_priority CHECK (((priority >= '-5'::integer) AND (priority <= 5))),
  CONSTRAINT delivery_proof_required CHECK ((proof_required <@ ARRAY['photo'::text, 'signature'::text, 'name'::text, 'age16'::text, 'age18'::text, 'age21'::text])),
  CONSTRAINT delivery_rank_order CHECK ((pickup_rank < dropoff_rank)),
  CONSTRAINT delivery_rated CHECK (((rating IS NOT NULL) OR ((rating_note IS NULL) AND (rated_at IS NULL)))),
  CONSTRAINT delivery_rating CHECK (((rating >= 1) AND (rating <= 5))),
  CONSTRAINT delivery_searchable CHECK (((dispatch = ANY (ARRAY['needs_location'::text, 'paused'::text, 'settled'::text])) OR ((pickup_lat IS NOT NULL) AND (dropoff_lat IS NOT NULL)))),
  CONSTRAINT delivery_size CHECK (((size >= 1) AND (size <= 100))),
  CONSTRAINT delivery_status CHECK ((status = ANY (ARRAY['PENDING'::text, 'ASSIGNED'::text, 'PICKED_UP'::text, 'IN_TRANSIT'::text, 'DELIVERED'::text, 'FAILED'::text, 'RETURNED'::text, 'CANCELLED'::text]))),
  CONSTRAINT delivery_waits CHECK (((status = 'PENDING'::text) = (dispatch <> 'settled'::text)))
);

CREATE TABLE dispatch.delivery_event (
  delivery_id uuid NOT NULL,
  seq integer NOT NULL,
  shop_id uuid NOT NULL,
  type text NOT NULL,
  status text NOT NULL,
  occurred_at timestamp with time zone NOT NULL,
  recorded_at timestamp with time zone NOT NULL DEFAULT now(),
  actor text NOT NULL,
  driver_id uuid,
  driver_version bigint,
  lat double precision,
  lon double precision,
  data json,
  written_by xid8 NOT NULL DEFAULT pg_current_xact_id(),
  was json,
  CONSTRAINT delivery_event_delivery_id_seq_pk PRIMARY KEY (delivery_id, seq),
  CONSTRAINT delivery_event_delivery_id_delivery_id_fk FOREIGN KEY (delivery_id) REFERENCES dispatch.delivery(id),
  CONSTRAINT delivery_event_seq CHECK ((seq > 0))
);

CREATE TABLE dispatch.device (
  id uuid NOT NULL DEFAULT dispatch.uuid_v7(),
  shop_id uuid NOT NULL,
  driver_id uuid NOT NULL,
  name text NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  expires_at timestamp with time zone NOT NULL,
  withdrawn_at timestamp with time zone,
  CONSTRAINT device_pkey PRIMARY KEY (id),
  CONSTRAINT device_driver_id_driver_id_fk FOREIGN KEY (driver_id) REFERENCES dispatch.driver(id)
);

CREATE TABLE dispatch.dispatch_decision (
  id uuid NOT NULL DEFAULT dispatch.uuid_v7(),
  delivery_id uuid NOT NULL,
  shop_id uuid NOT NULL,
  plan_id uuid NOT NULL,
  outcome text NOT NULL,
  driver_id uuid,
  reason text NOT NULL,
  policy text NOT NULL,
  cost_s integer,
  data json NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT dispatch_decision_pkey PRIMARY KEY (id),
  CONSTRAINT dispatch_decision_delivery_id_delivery_id_fk FOREIGN KEY (delivery_id) REFERENCES dispatch.delivery(id)
);

CREATE TABLE dispatch.dispatch_lease (
  shop_id uuid NOT NULL,
  holder text NOT NULL,
  until timestamp with time zone NOT NULL,
  rests_until timestamp with time zone,
  CONSTRAINT dispatch_lease_pkey PRIMARY KEY (shop_id),
  CONSTRAINT dispatch_lease_shop_id_shop_id_fk FOREIGN KEY (shop_id) REFERENCES dispatch.shop(id)
);

CREATE TABLE dispatch.driver (
  id uuid NOT NULL DEFAULT dispatch.uuid_v7(),
  shop_id uuid NOT NULL,
  external_ref text,
  name text NOT NULL,
  phone text,
  vehicle text,
  capacity smallint NOT NULL DEFAULT 1,
  load smallint NOT NULL DEFAULT 0,
  duty text NOT NULL DEFAULT 'OFFLINE'::text,
  status text NOT NULL GENERATED ALWAYS AS ( CASE WHEN (load >= capacity) THEN 'BUSY'::text WHEN (duty = 'AVAILABLE'::text) THEN 'AVAILABLE'::text WHEN ((duty = 'OFFLINE'::text) AND (load = 0)) THEN 'OFFLINE'::text ELSE 'BUSY'::text END) STORED,
  version bigint NOT NULL DEFAULT 1,
  active boolean NOT NULL DEFAULT true,
  token_version integer NOT NULL DEFAULT 1,
  idle_since timestamp with time zone NOT NULL DEFAULT now(),
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  reserved smallint NOT NULL DEFAULT 0,
  tags text[] NOT NULL DEFAULT '{}'::text[],
  shift_ends_at timestamp with time zone,
  fixed_rank integer NOT NULL DEFAULT 0,
  break_until timestamp with time zone,
  last_one boolean NOT NULL DEFAULT false,
  CONSTRAINT driver_pkey PRIMARY KEY (id),
  CONSTRAINT driver_external_ref UNIQUE (shop_id, external_ref),
  CONSTRAINT driver_shop_id_shop_id_fk FOREIGN KEY (shop_id) REFERENCES dispatch.shop(id),
  CONSTRAINT driver_capacity CHECK (((capacity >= 1) AND (capacity <= 100))),
  CONSTRAINT driver_duty CHECK ((duty = ANY (ARRAY['AVAILABLE'::text, 'BUSY'::text, 'OFFLINE'::text]))),
  CONSTRAINT driver_load CHECK (((load >= 0) AND (load <= capacity))),
  CONSTRAINT driver_reserved CHECK (((reserved >= 0) AND ((load + reserved) <= capacity))),
  CONSTRAINT driver_retired CHECK ((active OR ((duty = 'OFFLINE'::text) AND (load = 0))))
);

CREATE TABLE dispatch.driver_event (
  driver_id uuid NOT NULL,
  version bigint NOT NULL,
  type text NOT NULL,
  status text NOT NULL,
  load smallint NOT NULL,
  capacity smallint NOT NULL,
  delivery_id uuid,
  actor text NOT NULL,
  recorded_at timestamp with time zone NOT NULL DEFAULT now(),
  written_by xid8 NOT NULL DEFAULT pg_current_xact_id(),
  route json,
  shop_id uuid,
  CONSTRAINT driver_event_driver_id_version_pk PRIMARY KEY (driver_id, version),
  CONSTRAINT driver_event_driver_id_driver_id_fk FOREIGN KEY (driver_id) REFERENCES dispatch.driver(id)
);

CREATE TABLE dispatch.driver_location (
  driver_id uuid NOT NULL,
  shop_id uuid NOT NULL,
  lat double precision,
  lon double precision,
  recorded_at timestamp with time zone,
  seen_at timestamp with time zone NOT NULL DEFAULT now(),
  sphere cube GENERATED ALWAYS AS ( CASE WHEN (lat IS NULL) THEN NULL::cube ELSE cube(ARRAY[(cos(radians(lat)) * cos(radians(lon))), (cos(radians(lat)) * sin(radians(lon))), sin(radians(lat))]) END) STORED,
  CONSTRAINT driver_location_pkey PRIMARY KEY (driver_id),
  CONSTRAINT driver_location_driver_id_driver_id_fk FOREIGN KEY (driver_id) REFERENCES dispatch.driver(id),
  CONSTRAINT driver_location_lat CHECK (((lat >= ('-85.05112878'::numeric)::double precision) AND (lat <= (85.05112878)::double precision))),
  CONSTRAINT driver_location_lon CHECK (((lon >= ('-180'::integer)::double precision) AND (lon <= (180)::double precision))),
  CONSTRAINT driver_location_pair CHECK (((lat IS NULL) = (lon IS NULL)))
);

CREATE TABLE dispatch.hearing (
  one boolean NOT NULL DEFAULT true,
  since timestamp with time zone NOT NULL DEFAULT now(),
  renewed_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT hearing_pkey PRIMARY KEY (one),
  CONSTRAINT hearing_one CHECK (one)
);

CREATE TABLE dispatch.idempotency (
  scope text NOT NULL,
  key text NOT NULL,
  request_sha256 text NOT NULL,
  result json NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT idempotency_scope_key_pk PRIMARY KEY (scope, key)
);

CREATE TABLE dispatch.kept_result (
  digest uuid NOT NULL,
  request uuid NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  delivery_id uuid,
  driver_id uuid,
  assigned_at timestamp with time zone,
  waiting_since timestamp with time zone,
  due_at timestamp with time zone,
  next_dispatch_at timestamp with time zone,
  planned_pickup_at timestamp with time zone,
  planned_dropoff_at timestamp with time zone,
  announced_at timestamp with time zone,
  ended_at timestamp with time zone,
  updated_at timestamp with time zone,
  version integer,
  pickup_rank integer,
  dropoff_rank integer,
  exclusive boolean,
  pinned boolean,
  is_message boolean NOT NULL DEFAULT false,
  status text,
  result json NOT NULL,
  CONSTRAINT kept_result_pkey PRIMARY KEY (digest)
);

CREATE TABLE dispatch.offer (
  id uuid NOT NULL DEFAULT dispatch.uuid_v7(),
  shop_id uuid NOT NULL,
  driver_id uuid NOT NULL,
  delivery_ids uuid[] NOT NULL,
  size smallint NOT NULL,
  exclusive boolean NOT NULL,
  wave smallint NOT NULL,
  state text NOT NULL DEFAULT 'open'::text,
  reason text,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  expires_at timestamp with time zone NOT NULL,
  ended_at timestamp with time zone,
  CONSTRAINT offer_pkey PRIMARY KEY (id),
  CONSTRAINT offer_driver_id_driver_id_fk FOREIGN KEY (driver_id) REFERENCES dispatch.driver(id),
  CONSTRAINT offer_shop_id_shop_id_fk FOREIGN KEY (shop_id) REFERENCES dispatch.shop(id),
  CONSTRAINT offer_ended CHECK (((state = 'open'::text) = (ended_at IS NULL))),
  CONSTRAINT offer_state CHECK ((state = ANY (ARRAY['open'::text, 'accepted'::text, 'declined'::text, 'expired'::text, 'withdrawn'::text])))
);

CREATE TABLE dispatch.outbox (
  id uuid NOT NULL DEFAULT dispatch.uuid_v7(),
  shop_id uuid NOT NULL,
  delivery_id uuid NOT NULL,
  seq integer NOT NULL,
  event text NOT NULL,
  body text NOT NULL,
  sent_at timestamp with time zone,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  request_id text,
  traceparent text,
  CONSTRAINT outbox_pkey PRIMARY KEY (id),
  CONSTRAINT outbox_event UNIQUE (delivery_id, seq),
  CONSTRAINT outbox_delivery_id_seq_delivery_event_delivery_id_seq_fk FOREIGN KEY (delivery_id, seq) REFERENCES dispatch.delivery_event(delivery_id, seq)
);

CREATE TABLE dispatch.outbox_lane (
  delivery_id uuid NOT NULL,
  shop_id uuid NOT NULL,
  last_seq integer NOT NULL,
  due_at timestamp with time zone DEFAULT now(),
  leased_by text,
  attempts integer NOT NULL DEFAULT 0,
  failed_id uuid,
  last_error text,
  parked_at timestamp with time zone,
  CONSTRAINT outbox_lane_pkey PRIMARY KEY (delivery_id),
  CONSTRAINT outbox_lane_parked CHECK (((due_at IS NULL) = (parked_at IS NOT NULL)))
);

CREATE TABLE dispatch.pairing (
  finder text NOT NULL,
  proof text NOT NULL,
  shop_id uuid NOT NULL,
  driver_id uuid NOT NULL,
  misses smallint NOT NULL DEFAULT 0,
  token_ttl_s integer NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  CONSTRAINT pairing_pkey PRIMARY KEY (finder),
  CONSTRAINT pairing_driver_id_driver_id_fk FOREIGN KEY (driver_id) REFERENCES dispatch.driver(id)
);

CREATE TABLE dispatch.projection_dirty (
  driver_id uuid NOT NULL,
  shop_id uuid NOT NULL,
  version bigint NOT NULL,
  marked_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT projection_dirty_pkey PRIMARY KEY (driver_id),
  CONSTRAINT projection_dirty_driver_id_driver_id_fk FOREIGN KEY (driver_id) REFERENCES dispatch.driver(id)
);

CREATE TABLE dispatch.proof_photo (
  delivery_id uuid NOT NULL,
  shop_id uuid NOT NULL,
  kept_at timestamp with time zone NOT NULL DEFAULT now(),
  driver_id uuid,
  CONSTRAINT proof_photo_pkey PRIMARY KEY (delivery_id),
  CONSTRAINT proof_photo_delivery_id_delivery_id_fk FOREIGN KEY (delivery_id) REFERENCES dispatch.delivery(id)
);

CREATE TABLE dispatch.push_key (
  one boolean NOT NULL DEFAULT true,
  public_key text NOT NULL,
  private_key text NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT push_key_pkey PRIMARY KEY (one),
  CONSTRAINT push_key_one CHECK (one)
);

CREATE TABLE dispatch.push_subscription (
  id uuid NOT NULL DEFAULT dispatch.uuid_v7(),
  shop_id uuid NOT NULL,
  driver_id uuid NOT NULL,
  device_id uuid,
  token_version integer NOT NULL,
  endpoint text NOT NULL,
  p256dh text NOT NULL,
  auth text NOT NULL,
  told_version bigint NOT NULL,
  told_offers uuid[] NOT NULL DEFAULT '{}'::uuid[],
  told_changes_until timestamp with time zone NOT NULL DEFAULT now(),
  asked_after timestamp with time zone,
  due_at timestamp with time zone NOT NULL DEFAULT now(),
  leased_by uuid,
  attempts integer NOT NULL DEFAULT 0,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT push_subscription_pkey PRIMARY KEY (id),
  CONSTRAINT push_subscription_endpoint UNIQUE (shop_id, endpoint),
  CONSTRAINT push_subscription_driver_id_driver_id_fk FOREIGN KEY (driver_id) REFERENCES dispatch.driver(id)
);

CREATE TABLE dispatch.shop (
  id uuid NOT NULL DEFAULT dispatch.uuid_v7(),
  slug text NOT NULL,
  name text NOT NULL,
  token_version integer NOT NULL DEFAULT 1,
  max_radius_m integer NOT NULL DEFAULT 10000,
  policy text NOT NULL DEFAULT 'planned'::text,
  inbound_secrets text[] NOT NULL DEFAULT '{}'::text[],
  inbound_static_sha256 text,
  webhook_url text,
  webhook_secrets text[] NOT NULL DEFAULT '{}'::text[],
  webhook_static_secret text,
  webhook_in_transit boolean NOT NULL DEFAULT false,
  webhook_disabled_at timestamp with time zone,
  pickup_lat double precision,
  pickup_lon double precision,
  pickup_address json,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  dispatch json NOT NULL DEFAULT '{}'::json,
  webhook_eta_changed boolean NOT NULL DEFAULT false,
  limits json NOT NULL DEFAULT '{}'::json,
  webhook_offers boolean NOT NULL DEFAULT false,
  customer_page json NOT NULL DEFAULT '{}'::json,
  proof_required text[] NOT NULL DEFAULT '{}'::text[],
  failure_proof_required text[] NOT NULL DEFAULT '{}'::text[],
  webhook_ratings boolean NOT NULL DEFAULT false,
  CONSTRAINT shop_pkey PRIMARY KEY (id),
  CONSTRAINT shop_slug_unique UNIQUE (slug),
  CONSTRAINT shop_failure_proof_required CHECK ((failure_proof_required <@ ARRAY['note'::text, 'photo'::text])),
  CONSTRAINT shop_pickup_lat CHECK (((pickup_lat >= ('-85.05112878'::numeric)::double precision) AND (pickup_lat <= (85.05112878)::double precision))),
  CONSTRAINT shop_pickup_lon CHECK (((pickup_lon >= ('-180'::integer)::double precision) AND (pickup_lon <= (180)::double precision))),
  CONSTRAINT shop_pickup_pair CHECK (((pickup_lat IS NULL) = (pickup_lon IS NULL))),
  CONSTRAINT shop_policy CHECK ((policy = ANY (ARRAY['planned'::text, 'nearest'::text]))),
  CONSTRAINT shop_proof_required CHECK ((proof_required <@ ARRAY['photo'::text, 'signature'::text, 'name'::text, 'age16'::text, 'age18'::text, 'age21'::text, 'pin'::text])),
  CONSTRAINT shop_radius CHECK (((max_radius_m >= 1) AND (max_radius_m <= 200000)))
);


ALTER TABLE dispatch.delivery SET (fillfactor=80, autovacuum_vacuum_scale_factor=0.01, autovacuum_vacuum_threshold=1000, autovacuum_analyze_scale_factor=0.02);
ALTER TABLE dispatch.delivery_event SET (autovacuum_vacuum_scale_factor=0.01, autovacuum_vacuum_threshold=1000, autovacuum_analyze_scale_factor=0.02);
ALTER TABLE dispatch.dispatch_decision SET (autovacuum_vacuum_scale_factor=0.01, autovacuum_vacuum_threshold=1000, autovacuum_analyze_scale_factor=0.02);
ALTER TABLE dispatch.driver_event SET (autovacuum_vacuum_scale_factor=0.01, autovacuum_vacuum_threshold=1000, autovacuum_analyze_scale_factor=0.02);
ALTER TABLE dispatch.idempotency SET (autovacuum_vacuum_scale_factor=0.01, autovacuum_vacuum_threshold=1000, autovacuum_analyze_scale_factor=0.02);
ALTER TABLE dispatch.kept_result SET (autovacuum_vacuum_scale_factor=0.01, autovacuum_vacuum_threshold=1000, autovacuum_analyze_scale_factor=0.02);
ALTER TABLE dispatch.outbox SET (autovacuum_vacuum_scale_factor=0.01, autovacuum_vacuum_threshold=1000, autovacuum_analyze_scale_factor=0.02);
ALTER TABLE dispatch.outbox_lane SET (fillfactor=70, autovacuum_vacuum_scale_factor=0.01, autovacuum_vacuum_threshold=1000);

CREATE INDEX api_key_shop ON dispatch.api_key USING btree (shop_id);
CREATE INDEX console_session_age ON dispatch.console_session USING btree (expires_at);
CREATE INDEX delivery_aboard ON dispatch.delivery USING btree (driver_id) WHERE (dropoff_rank IS NOT NULL);
CREATE INDEX delivery_driver ON dispatch.delivery USING btree (driver_id, id);
CREATE INDEX delivery_due ON dispatch.delivery USING btree (next_dispatch_at) WHERE (next_dispatch_at IS NOT NULL);
CREATE INDEX delivery_ended ON dispatch.delivery USING btree (ended_at) WHERE ((ended_at IS NOT NULL) AND (forgotten_at IS NULL));
CREATE INDEX delivery_event_changed ON dispatch.delivery_event USING btree (shop_id, delivery_id) WHERE (was IS NOT NULL);
CREATE INDEX delivery_event_changes ON dispatch.delivery_event USING btree (shop_id, written_by);
CREATE INDEX delivery_event_placed ON dispatch.delivery_event USING btree (recorded_at) WHERE (lat IS NOT NULL);
CREATE INDEX delivery_missed ON dispatch.delivery USING btree (shop_id, ended_as, id) WHERE (ended_as <> 'DELIVERED'::text);
CREATE INDEX delivery_missed_by ON dispatch.delivery USING btree (driver_id, ended_as, id) WHERE (ended_as <> 'DELIVERED'::text);
CREATE INDEX delivery_offered ON dispatch.delivery USING btree (shop_id) WHERE (dispatch = 'offered'::text);
CREATE UNIQUE INDEX delivery_one_per_driver ON dispatch.delivery USING btree (driver_id) WHERE (exclusive AND (dropoff_rank IS NOT NULL));
CREATE INDEX delivery_open ON dispatch.delivery USING btree (shop_id, id) WHERE (ended_at IS NULL);
CREATE INDEX delivery_shop ON dispatch.delivery USING btree (shop_id, id);
CREATE INDEX delivery_shop_ended ON dispatch.delivery USING btree (shop_id, ended_at) WHERE (ended_at IS NOT NULL);
CREATE INDEX delivery_waiting ON dispatch.delivery USING btree (shop_id, due_at, id) WHERE (dispatch = ANY (ARRAY['searching'::text, 'held'::text, 'exhausted'::text]));
CREATE INDEX device_driver ON dispatch.device USING btree (driver_id, id);
CREATE INDEX dispatch_decision_age ON dispatch.dispatch_decision USING btree (created_at);
CREATE INDEX dispatch_decision_delivery ON dispatch.dispatch_decision USING btree (delivery_id, id);
CREATE INDEX driver_busy ON dispatch.driver USING btree (shop_id, id) WHERE (load > 0);
CREATE INDEX driver_event_age ON dispatch.driver_event USING btree (recorded_at);
CREATE INDEX driver_event_changes ON dispatch.driver_event USING btree (shop_id, written_by);
CREATE INDEX driver_location_seen ON dispatch.driver_location USING btree (seen_at);
CREATE INDEX driver_location_sphere ON dispatch.driver_location USING gist (shop_id, sphere);
CREATE INDEX driver_on_break ON dispatch.driver USING btree (break_until) WHERE (duty = 'BUSY'::text);
CREATE INDEX driver_on_duty ON dispatch.driver USING btree (id) WHERE ((duty <> 'OFFLINE'::text) OR (load > 0));
CREATE INDEX driver_shop ON dispatch.driver USING btree (shop_id, id);
CREATE INDEX idempotency_age ON dispatch.idempotency USING btree (created_at) WHERE (scope !~~ 'webhook:%'::text);
CREATE INDEX idempotency_inbox_age ON dispatch.idempotency USING btree (created_at) WHERE (scope ~~ 'webhook:%'::text);
CREATE INDEX kept_result_age ON dispatch.kept_result USING btree (created_at) WHERE (NOT is_message);
CREATE INDEX kept_result_message_age ON dispatch.kept_result USING btree (created_at) WHERE is_message;
CREATE INDEX offer_age ON dispatch.offer USING btree (created_at);
CREATE INDEX offer_delivery ON dispatch.offer USING gin (delivery_ids);
CREATE INDEX offer_driver ON dispatch.offer USING btree (driver_id, id);
CREATE INDEX offer_open ON dispatch.offer USING btree (shop_id, expires_at) WHERE (state = 'open'::text);
CREATE INDEX offer_open_of ON dispatch.offer USING btree (driver_id, id) WHERE (state = 'open'::text);
CREATE INDEX outbox_age ON dispatch.outbox USING btree (created_at);
CREATE INDEX outbox_lane_due ON dispatch.outbox_lane USING btree (shop_id, due_at, delivery_id) WHERE (due_at IS NOT NULL);
CREATE INDEX outbox_lane_failed ON dispatch.outbox_lane USING btree (shop_id, failed_id) WHERE (failed_id IS NOT NULL);
CREATE INDEX pairing_age ON dispatch.pairing USING btree (expires_at);
CREATE INDEX proof_photo_age ON dispatch.proof_photo USING btree (kept_at, delivery_id);
CREATE INDEX push_subscription_driver ON dispatch.push_subscription USING btree (driver_id, id);

CREATE TRIGGER driver_event_shop BEFORE INSERT ON dispatch.driver_event FOR EACH ROW WHEN ((new.shop_id IS NULL)) EXECUTE FUNCTION dispatch.driver_event_shop();
CREATE TRIGGER keep_of_before BEFORE INSERT ON dispatch.idempotency FOR EACH ROW EXECUTE FUNCTION dispatch.keep_of_before();
CREATE TRIGGER open_lanes AFTER INSERT ON dispatch.outbox REFERENCING NEW TABLE AS born FOR EACH STATEMENT EXECUTE FUNCTION dispatch.open_lanes();
