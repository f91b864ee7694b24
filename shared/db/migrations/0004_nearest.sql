-- The search for when Redis is away: nearest live AVAILABLE drivers of a shop, by distance, then id.
--
-- A function only because of its settings. The planner knows nothing of how many points a cube holds (it guesses one in
-- a thousand), and with fresh statistics on many drivers chose to fetch and sort all of them: 1.1 s at 100,000 instead
-- of 0.3 ms along the index. Forbidden to sort, and to collect a bitmap, it can only walk the index outward.
--
-- center: the point on the unit sphere; chord: as far as it may be away, see chordLength() in domain/geo.ts
CREATE FUNCTION dispatch.nearest_drivers(
  shop uuid, center cube, chord float8, most int, excluded uuid[], silent_after interval
) RETURNS TABLE (driver_id uuid, lat float8, lon float8, idle_since_ms float8)
LANGUAGE plpgsql STABLE
SET enable_sort = off SET enable_bitmapscan = off SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET jit = off
AS $$
BEGIN
  RETURN QUERY SELECT d.id, l.lat, l.lon, floor(extract(epoch FROM d.idle_since) * 1000)::float8
  FROM dispatch.driver_location l JOIN dispatch.driver d ON d.id = l.driver_id
  WHERE l.shop_id = shop AND l.sphere <@ cube_enlarge(center, chord, 3) AND l.sphere <-> center <= chord
    AND l.seen_at > now() - silent_after
    AND d.active AND d.status = 'AVAILABLE' AND d.load < d.capacity AND d.id <> ALL(excluded)
  ORDER BY l.sphere <-> center, d.id LIMIT most;
END $$;
