#!lua
-- SEARCH: the nearest AVAILABLE drivers who are not silent, ring by ring from the centre outward, in a crowd from a
-- smaller ring on. Silent ones (no heartbeat key) and those whose status is not A are skipped and removed; within a ring
-- the window doubles while any were removed, so no number of silent phones hides a live one. At most BUDGET are removed
-- per call, which bounds the time Redis is held; then the caller asks again, and each call leaves fewer.
--
-- KEYS[1] geo           sorted set of AVAILABLE drivers
-- KEYS[2] status        hash: driver -> version:code:idleSinceMs
-- KEYS[3] onlinePrefix  + driver: exists while heard from
-- KEYS[4] marker        exists once the shop was rebuilt from Postgres
-- ARGV    lon, lat, limit (>= 1), slack, first and last score of the centre's cell, its area in m2, how many excluded,
--         the excluded ids (distinct), the radii in metres, rising
-- Replies COLD (no marker)
--         DONE, then 3 per driver: id, score (a number), idleSinceMs; at most limit + slack, nearest first. Ties at the cut
--              fall as GEOSEARCH sorts them; slack is there so that small ties are never cut
--         MORE (budget used up: ask again)
local CHUNK, BUDGET, match = 1000, 2000, string.match
if redis.call('EXISTS', KEYS[4]) == 0 then return { 'COLD' } end
local lon, lat, limit, want, excludes = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[3] + ARGV[4], tonumber(ARGV[8])
local excluded, removed = {}, 0
for i = 9, 8 + excludes do excluded[ARGV[i]] = true end

-- A ring costs by how many are in it: where its cell alone holds many times too many, one with about twice enough is
-- looked at first.
local radii = { unpack(ARGV, 9 + excludes) }
local crowd, enough = redis.call('ZCOUNT', KEYS[1], ARGV[5], ARGV[6]), want + excludes
local smaller = math.sqrt(2 * enough * ARGV[7] / (crowd * math.pi))
if crowd > 4 * enough and smaller < tonumber(radii[1]) then table.insert(radii, 1, smaller) end

-- Appends the live ones of points[from..to] to found; removes and counts the others.
local function sift(points, from, to, found)
  local ids, keys, dead = {}, {}, {}
  for i = from, to do
    local id = points[i][1]
    ids[i - from + 1], keys[i - from + 1] = id, KEYS[3] .. id
  end
  local statuses, heard = redis.call('HMGET', KEYS[2], unpack(ids)), redis.call('MGET', unpack(keys))
  for i, id in ipairs(ids) do
    local code, idleSince = match(statuses[i] or '', '^%d+:(%a):(%d+)$')
    if code ~= 'A' or not heard[i] then
      dead[#dead + 1] = id
    elseif not excluded[id] and #found < want * 3 then
      local n = #found
      found[n + 1], found[n + 2], found[n + 3] = id, points[from + i - 1][2], idleSince
    end
  end
  if #dead > 0 then redis.call('ZREM', KEYS[1], unpack(dead)) end
  return #dead
end

local found
for ring = 1, #radii do
  local window = want + excludes
  repeat
    found = {}
    local points = redis.call('GEOSEARCH', KEYS[1], 'FROMLONLAT', lon, lat, 'BYRADIUS', radii[ring], 'm', 'ASC', 'COUNT',
      window, 'WITHHASH')
    local dead = 0
    -- Too few to be enough even if all are live: the next ring has them too, and looks at each.
    local tooFew = #points < limit and ring < #radii
    for from = 1, tooFew and 0 or #points, CHUNK do
      dead = dead + sift(points, from, math.min(from + CHUNK - 1, #points), found)
      if #found < limit * 3 and removed + dead >= BUDGET then return { 'MORE' } end
    end
    removed = removed + dead
    local again = dead > 0 and #points == window and #found < limit * 3
    window = window * 2
  until not again
  if #found >= limit * 3 then break end
end
table.insert(found, 1, 'DONE')
return found
