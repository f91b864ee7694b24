#!lua
-- LOCATE: take location fixes of one shop. Keeps the newest per driver, refreshes the heartbeat, moves AVAILABLE
-- drivers. Never changes a status and never creates availability: who is not AVAILABLE in the hash is not shown.
-- A phone clock in the future is held to 5 s ahead of Redis; the same fix twice changes nothing.
--
-- KEYS[1] geo           sorted set of AVAILABLE drivers
-- KEYS[2] status        hash: driver -> version:code:idleSinceMs
-- KEYS[3] onlinePrefix  + driver: recordedAtMs:persistedAtMs:lon:lat, EX 60
-- ARGV    4 per fix: id, recordedAtMs, lon, lat; at most one fix per driver
-- Replies one per fix: OK | OLD (a newer fix is known; the contact counts) | MISS (unknown driver, nothing written),
--         with + behind it when the thinned write to Postgres is due (none for 10 s) and now noted as done
local AHEAD_MS, PERSIST_EVERY_MS = 5000, 10000
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function take(id, recordedAt, lon, lat, code)
  local key = KEYS[3] .. id
  local outcome, persistedAt = 'OK', 0
  recordedAt = math.min(recordedAt, now + AHEAD_MS)
  local last = redis.call('GET', key)
  if last then
    local lastRecordedAt, lastPersistedAt, lastLon, lastLat = string.match(last, '^(%d+):(%d+):([^:]*):([^:]*)$')
    lastRecordedAt, persistedAt = tonumber(lastRecordedAt), tonumber(lastPersistedAt)
    -- Further ahead than any fix may be: Redis's own clock went back (failover). The new fix wins.
    if lastRecordedAt > now + AHEAD_MS then lastRecordedAt = 0 end
    if recordedAt < lastRecordedAt then outcome = 'OLD' end
    if recordedAt <= lastRecordedAt then recordedAt, lon, lat = lastRecordedAt, lastLon, lastLat end
  end
  local due = persistedAt > now or now - persistedAt >= PERSIST_EVERY_MS
  if due then persistedAt = now end
  redis.call('SET', key, string.format('%.0f:%.0f:%s:%s', recordedAt, persistedAt, lon, lat), 'EX', 60)
  if code == 'A' then redis.call('GEOADD', KEYS[1], lon, lat, id) end
  return due and outcome .. '+' or outcome
end

local replies = {}
for i = 1, #ARGV, 4 do
  local status = redis.call('HGET', KEYS[2], ARGV[i])
  local code = status and string.match(status, '^%d+:(%a)')
  replies[#replies + 1] = code and take(ARGV[i], tonumber(ARGV[i + 1]), ARGV[i + 2], ARGV[i + 3], code) or 'MISS'
end
return replies
