#!lua
-- HEARTBEAT: drivers of one shop are there, without a new position. Never changes a status. An AVAILABLE driver who was
-- dropped for silence comes back at his last known position.
--
-- KEYS[1] geo           sorted set of AVAILABLE drivers
-- KEYS[2] status        hash: driver -> version:code:idleSinceMs
-- KEYS[3] onlinePrefix  + driver: recordedAtMs:persistedAtMs:score, EX 60
-- ARGV    driver ids
-- Replies one word, 2 characters per driver: K (OK) | M (MISS: unknown driver, nothing written; or AVAILABLE with no
--         position known here), then whether the thinned write to Postgres is due, which is noted here as done:
--         0 (no) | 1 (none for 10 s) | 2 (none for 30 s, or none known)
local PERSIST_EVERY_MS, OVERDUE_MS = 10000, 30000
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function hear(id, code)
  local key = KEYS[3] .. id
  local recordedAt, persistedAt, score = '0', '0', ''
  local last = redis.call('GET', key)
  if last then recordedAt, persistedAt, score = string.match(last, '^(%d+):(%d+):(%d*)$') end
  persistedAt = tonumber(persistedAt)
  local due = '0'
  if persistedAt > now or now - persistedAt >= PERSIST_EVERY_MS then
    due = (persistedAt > now or now - persistedAt >= OVERDUE_MS) and '2' or '1'
    persistedAt = now
  end
  redis.call('SET', key, string.format('%s:%.0f:%s', recordedAt, persistedAt, score), 'EX', 60)
  local outcome = 'K'
  if code == 'A' then
    if score ~= '' then
      redis.call('ZADD', KEYS[1], score, id)
    elseif not redis.call('ZSCORE', KEYS[1], id) then
      outcome = 'M'
    end
  end
  return outcome .. due
end

local replies = {}
for i, id in ipairs(ARGV) do
  local status = redis.call('HGET', KEYS[2], id)
  local code = status and string.match(status, '^%d+:(%a)')
  replies[i] = code and hear(id, code) or 'M0'
end
return table.concat(replies)
