#!lua flags=no-writes
-- STATUSES: what the projection holds of some drivers of one shop, for the repair scan: status, membership and last
-- contact of the same moment.
--
-- KEYS[1] geo           sorted set of AVAILABLE drivers
-- KEYS[2] status        hash: driver -> version:code:idleSinceMs
-- KEYS[3] onlinePrefix  + driver: recordedAtMs:heardAtMs:score
-- ARGV    driver ids, 1 to 1,000
-- Replies 3 per driver: version:code:idleSinceMs (empty: unknown), then 1 (in geo) | 0, then how long ago they were heard
--         from, in ms (empty: silent)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local keys = {}
for i, id in ipairs(ARGV) do keys[i] = KEYS[3] .. id end
local statuses = redis.call('HMGET', KEYS[2], unpack(ARGV))
local scores = redis.call('ZMSCORE', KEYS[1], unpack(ARGV))
local lasts = redis.call('MGET', unpack(keys))
local replies = {}
for i = 1, #ARGV do
  local heardAt = lasts[i] and string.match(lasts[i], '^%d+:(%d+)')
  replies[#replies + 1] = statuses[i] or ''
  replies[#replies + 1] = scores[i] and '1' or '0'
  replies[#replies + 1] = heardAt and string.format('%.0f', math.max(0, now - heardAt)) or ''
end
return replies
