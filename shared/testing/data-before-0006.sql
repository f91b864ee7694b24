-- What a running service had in its tables before migration 0006.
INSERT INTO dispatch.shop (id, slug, name, webhook_url) VALUES ('01900000-0000-7000-8000-000000000001', 'first', 'First', 'http://127.0.0.1:9/hook');
INSERT INTO dispatch.driver (id, shop_id, name, capacity, load, duty, version) VALUES ('01900000-0000-7000-8000-0000000000d1', '01900000-0000-7000-8000-000000000001', 'Asha', 3, 2, 'AVAILABLE', 7);
INSERT INTO dispatch.driver (id, shop_id, name, capacity, load, duty, version) VALUES ('01900000-0000-7000-8000-0000000000d2', '01900000-0000-7000-8000-000000000001', 'Ben', 1, 1, 'AVAILABLE', 4);
INSERT INTO dispatch.driver (id, shop_id, name, capacity, load, duty, version) VALUES ('01900000-0000-7000-8000-0000000000d3', '01900000-0000-7000-8000-000000000001', 'Cem', 1, 0, 'OFFLINE', 3);
INSERT INTO dispatch.driver_location (driver_id, shop_id, lat, lon, recorded_at) VALUES ('01900000-0000-7000-8000-0000000000d1', '01900000-0000-7000-8000-000000000001', 52.5, 13.4, now());
INSERT INTO dispatch.delivery (id, shop_id, order_ref, status, dispatch, version, driver_id, exclusive, failure_code, assigned_at, waiting_since,
  pickup_lat, pickup_lon, pickup, dropoff_lat, dropoff_lon, dropoff, next_dispatch_at, ended_at) VALUES ('01900000-0000-7000-8000-000000000000', '01900000-0000-7000-8000-000000000001', 'A', 'PICKED_UP', 'settled', 3, '01900000-0000-7000-8000-0000000000d1', false, null,
  now() - interval '20 min', now() - interval '3 h', 52.5, 13.4, '{}', 52.51, 13.41, '{}', null, null);
INSERT INTO dispatch.delivery_event (delivery_id, seq, shop_id, type, status, occurred_at, actor) VALUES ('01900000-0000-7000-8000-000000000000', 1, '01900000-0000-7000-8000-000000000001', 'CREATED', 'PENDING', now(), 'shop:test');
INSERT INTO dispatch.outbox (shop_id, delivery_id, seq, event, body) VALUES ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000000', 1, 'DELIVERY_CREATED_V1', '{}');
INSERT INTO dispatch.delivery (id, shop_id, order_ref, status, dispatch, version, driver_id, exclusive, failure_code, assigned_at, waiting_since,
  pickup_lat, pickup_lon, pickup, dropoff_lat, dropoff_lon, dropoff, next_dispatch_at, ended_at) VALUES ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000001', 'B', 'ASSIGNED', 'settled', 2, '01900000-0000-7000-8000-0000000000d1', false, null,
  now() - interval '10 min', now() - interval '3 h', 52.5, 13.4, '{}', 52.51, 13.41, '{}', null, null);
INSERT INTO dispatch.delivery_event (delivery_id, seq, shop_id, type, status, occurred_at, actor) VALUES ('01900000-0000-7000-8000-000000000001', 1, '01900000-0000-7000-8000-000000000001', 'CREATED', 'PENDING', now(), 'shop:test');
INSERT INTO dispatch.outbox (shop_id, delivery_id, seq, event, body) VALUES ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000001', 1, 'DELIVERY_CREATED_V1', '{}');
INSERT INTO dispatch.delivery (id, shop_id, order_ref, status, dispatch, version, driver_id, exclusive, failure_code, assigned_at, waiting_since,
  pickup_lat, pickup_lon, pickup, dropoff_lat, dropoff_lon, dropoff, next_dispatch_at, ended_at) VALUES ('01900000-0000-7000-8000-000000000002', '01900000-0000-7000-8000-000000000001', 'C', 'IN_TRANSIT', 'settled', 4, '01900000-0000-7000-8000-0000000000d2', true, null,
  now() - interval '15 min', now() - interval '3 h', 52.5, 13.4, '{}', 52.51, 13.41, '{}', null, null);
INSERT INTO dispatch.delivery_event (delivery_id, seq, shop_id, type, status, occurred_at, actor) VALUES ('01900000-0000-7000-8000-000000000002', 1, '01900000-0000-7000-8000-000000000001', 'CREATED', 'PENDING', now(), 'shop:test');
INSERT INTO dispatch.outbox (shop_id, delivery_id, seq, event, body) VALUES ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000002', 1, 'DELIVERY_CREATED_V1', '{}');
INSERT INTO dispatch.delivery (id, shop_id, order_ref, status, dispatch, version, driver_id, exclusive, failure_code, assigned_at, waiting_since,
  pickup_lat, pickup_lon, pickup, dropoff_lat, dropoff_lon, dropoff, next_dispatch_at, ended_at) VALUES ('01900000-0000-7000-8000-000000000003', '01900000-0000-7000-8000-000000000001', 'D', 'PENDING', 'searching', 1, null, false, null,
  null, now() - interval '3 h', 52.5, 13.4, '{}', 52.51, 13.41, '{}', now(), null);
INSERT INTO dispatch.delivery_event (delivery_id, seq, shop_id, type, status, occurred_at, actor) VALUES ('01900000-0000-7000-8000-000000000003', 1, '01900000-0000-7000-8000-000000000001', 'CREATED', 'PENDING', now(), 'shop:test');
INSERT INTO dispatch.outbox (shop_id, delivery_id, seq, event, body) VALUES ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000003', 1, 'DELIVERY_CREATED_V1', '{}');
INSERT INTO dispatch.delivery (id, shop_id, order_ref, status, dispatch, version, driver_id, exclusive, failure_code, assigned_at, waiting_since,
  pickup_lat, pickup_lon, pickup, dropoff_lat, dropoff_lon, dropoff, next_dispatch_at, ended_at) VALUES ('01900000-0000-7000-8000-000000000004', '01900000-0000-7000-8000-000000000001', 'E', 'FAILED', 'settled', 4, '01900000-0000-7000-8000-0000000000d3', true, 'REFUSED',
  now() - interval '1 h', now() - interval '3 h', 52.5, 13.4, '{}', 52.51, 13.41, '{}', null, now());
INSERT INTO dispatch.delivery_event (delivery_id, seq, shop_id, type, status, occurred_at, actor) VALUES ('01900000-0000-7000-8000-000000000004', 1, '01900000-0000-7000-8000-000000000001', 'CREATED', 'PENDING', now(), 'shop:test');
INSERT INTO dispatch.outbox (shop_id, delivery_id, seq, event, body) VALUES ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000004', 1, 'DELIVERY_CREATED_V1', '{}');
INSERT INTO dispatch.delivery (id, shop_id, order_ref, status, dispatch, version, driver_id, exclusive, failure_code, assigned_at, waiting_since,
  pickup_lat, pickup_lon, pickup, dropoff_lat, dropoff_lon, dropoff, next_dispatch_at, ended_at) VALUES ('01900000-0000-7000-8000-000000000005', '01900000-0000-7000-8000-000000000001', 'F', 'DELIVERED', 'settled', 4, '01900000-0000-7000-8000-0000000000d3', true, null,
  now() - interval '2 h', now() - interval '3 h', 52.5, 13.4, '{}', 52.51, 13.41, '{}', null, now());
INSERT INTO dispatch.delivery_event (delivery_id, seq, shop_id, type, status, occurred_at, actor) VALUES ('01900000-0000-7000-8000-000000000005', 1, '01900000-0000-7000-8000-000000000001', 'CREATED', 'PENDING', now(), 'shop:test');
INSERT INTO dispatch.outbox (shop_id, delivery_id, seq, event, body) VALUES ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000005', 1, 'DELIVERY_CREATED_V1', '{}');
INSERT INTO dispatch.delivery (id, shop_id, order_ref, status, dispatch, version, driver_id, exclusive, failure_code, assigned_at, waiting_since,
  pickup_lat, pickup_lon, pickup, dropoff_lat, dropoff_lon, dropoff, next_dispatch_at, ended_at) VALUES ('01900000-0000-7000-8000-000000000006', '01900000-0000-7000-8000-000000000001', 'G', 'PENDING', 'exhausted', 2, null, false, null,
  null, now() - interval '3 h', 52.5, 13.4, '{}', 52.51, 13.41, '{}', null, null);
INSERT INTO dispatch.delivery_event (delivery_id, seq, shop_id, type, status, occurred_at, actor) VALUES ('01900000-0000-7000-8000-000000000006', 1, '01900000-0000-7000-8000-000000000001', 'CREATED', 'PENDING', now(), 'shop:test');
INSERT INTO dispatch.outbox (shop_id, delivery_id, seq, event, body) VALUES ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000006', 1, 'DELIVERY_CREATED_V1', '{}');
