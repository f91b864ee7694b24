#!lua
-- SPEND: what callers of one shop have spent of their quotas, in one process; what all processes together have left.
-- Token buckets: each fills with its quota in its window, and never above it. Who has overdrawn is in debt by one quota at
-- most.
--
-- KEYS[1] bucketPrefix  + name: left:atMs, gone when it would be full
-- ARGV    4 per bucket: name, quota, window in s, spent
-- Replies one number per bucket, as text: what is left, negative where more was spent
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local replies = {}
for i = 1, #ARGV, 4 do
  local key, quota = KEYS[1] .. ARGV[i], tonumber(ARGV[i + 1])
  local perMs = quota / (tonumber(ARGV[i + 2]) * 1000)
  local left, at = quota, now
  local last = redis.call('GET', key)
  if last then
    local kept, keptAt = string.match(last, '^(-?[%d.]+):(%d+)$')
    left, at = tonumber(kept), tonumber(keptAt)
  end
  left = math.min(quota, left + math.max(0, now - at) * perMs) - tonumber(ARGV[i + 3])
  left = math.max(-quota, left)
  redis.call('SET', key, string.format('%.3f:%.0f', left, now), 'PX', math.max(1, math.ceil((quota - left) / perMs)))
  replies[#replies + 1] = string.format('%.0f', left)
end
return replies
