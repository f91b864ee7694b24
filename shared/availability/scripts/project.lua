#!lua flags=allow-oom
-- PROJECT: bring Redis to what Postgres says of some drivers of one shop. Fenced: an older version changes nothing, so
-- inline projection, relay and rebuild may run in any order, any number of times. Runs even when Redis is out of
-- memory (allow-oom), because a driver who became BUSY must leave the search at once.
-- An AVAILABLE driver is shown only if not silent, counted from the contact: what Postgres said of it grows
-- older while it is on its way.
--
-- KEYS[1] geo           sorted set of AVAILABLE drivers
-- KEYS[2] status        hash: driver -> version:code:idleSinceMs
-- KEYS[3] onlinePrefix  + driver: recordedAtMs:heardAtMs:score
-- ARGV    sent: for how many ms this call has waited to be sent; asOf: the time the ages below count from, by our clock
--         as the sender knows it (empty: not known); silentAfter: ms without a contact that make a driver silent; then 6 per
--         driver: id, version, code (A|B|O), idleSinceMs, score (of the position in a sorted set; empty: not known),
--         seenAgeMs (empty: never heard from)
-- Replies one per driver: OK | STALE (Redis knows a newer version) | CONFLICT (same version, other status: a writer
--         forgot to bump)
-- Of less on its way the sender's reckoning says too little.
local LAY_MS, silentAfterMs = 2000, tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local asOf = now - tonumber(ARGV[1])
if ARGV[2] ~= '' and tonumber(ARGV[2]) < asOf - LAY_MS then asOf = tonumber(ARGV[2]) end

local function show(id, score, seenAge)
  local key = KEYS[3] .. id
  local last = redis.call('GET', key)
  local recordedAt, heardAt, known = string.match(last or '', '^(%d+):(%d+):(%d*)$')
  local seenAt = seenAge ~= '' and asOf - math.max(0, tonumber(seenAge))
  -- Postgres may know of a later contact: one that was no report, or one that a Redis back from an old snapshot has lost.
  if seenAt and seenAt + silentAfterMs > now and seenAt > tonumber(heardAt or 0) then
    heardAt = string.format('%.0f', seenAt)
  end
  if not heardAt then
    redis.call('ZREM', KEYS[1], id)
    return
  end
  -- A fix that came here is at least as new as the thinned one in Postgres; recordedAt 0 means no fix came here.
  recordedAt = recordedAt or '0'
  if recordedAt == '0' and score ~= '' then known = score end
  known = known or ''
  local present = recordedAt .. ':' .. heardAt .. ':' .. known
  if present ~= last then
    redis.call('SET', key, present, 'PXAT', string.format('%.0f', tonumber(heardAt) + silentAfterMs))
  end
  if known ~= '' then redis.call('ZADD', KEYS[1], known, id) end
end

local replies = {}
for i = 4, #ARGV, 6 do
  local id, version, code, idleSince, score, seenAge = unpack(ARGV, i, i + 5)
  local current = redis.call('HGET', KEYS[2], id)
  local currentVersion, currentCode
  if current then currentVersion, currentCode = string.match(current, '^(%d+):(%a)') end
  if currentVersion and tonumber(version) < tonumber(currentVersion) then
    replies[#replies + 1] = 'STALE'
  elseif currentVersion and tonumber(version) == tonumber(currentVersion) and code ~= currentCode then
    replies[#replies + 1] = 'CONFLICT'
  else
    redis.call('HSET', KEYS[2], id, version .. ':' .. code .. ':' .. idleSince)
    if code == 'A' then show(id, score, seenAge) else redis.call('ZREM', KEYS[1], id) end
    replies[#replies + 1] = 'OK'
  end
end
return replies
