#!lua flags=no-writes
-- STATUSES: what the projection holds of some drivers of one shop, for the repair scan: status and membership of the
-- same moment.
--
-- KEYS[1] geo     sorted set of AVAILABLE drivers
-- KEYS[2] status  hash: driver -> version:code:idleSinceMs
-- ARGV    driver ids, 1 to 1,000
-- Replies 2 per driver: version:code:idleSinceMs (empty: unknown), then 1 (in geo) | 0
local statuses = redis.call('HMGET', KEYS[2], unpack(ARGV))
local scores = redis.call('ZMSCORE', KEYS[1], unpack(ARGV))
local replies = {}
for i = 1, #ARGV do
  replies[#replies + 1] = statuses[i] or ''
  replies[#replies + 1] = scores[i] and '1' or '0'
end
return replies
