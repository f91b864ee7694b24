#!lua
-- HEARTBEAT: drivers of one shop are there, without a new position. Never changes a status. An AVAILABLE driver who was
-- dropped for silence comes back at the last known position. What Postgres is told has that position too, so that a
-- heartbeat never takes its turn. A contact counts from its receipt, like a fix (locate.lua).
--
-- KEYS[1] geo           sorted set of AVAILABLE drivers
-- KEYS[2] status        hash: driver -> version:code:idleSinceMs
-- KEYS[3] onlinePrefix  + driver: recordedAtMs:heardAtMs:score, gone once the driver is silent
-- KEYS[4] heard         hash: driver -> the same: what Postgres is to be told
-- KEYS[5] saved         exists while somebody tells it
-- ARGV    sent: for how many ms this call has waited to be sent; asOf: the time the ages below count from, by our clock
--         as the sender knows it (empty: not known); silentAfter: ms without a contact that make a driver silent; then 2 per
--         driver: id, age of the contact in ms
-- Replies a word of 2 characters per driver: K (OK) | M (MISS: unknown driver, nothing written; or AVAILABLE with no
--         position known here), then 1 where Postgres would take the driver for silent and has to be told at once, or 0;
--         after it the time here, in ms
-- LAY_MS: of less on its way the sender's reckoning says too little.
local OVERDUE_MS, LAY_MS, silentAfterMs = 30000, 2000, tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local asOf = now - tonumber(ARGV[1])
if ARGV[2] ~= '' and tonumber(ARGV[2]) < asOf - LAY_MS then asOf = tonumber(ARGV[2]) end
local isSaved = redis.call('EXISTS', KEYS[5]) == 1

local function hear(id, code, age)
  local key = KEYS[3] .. id
  local heard, recordedAt, lastHeard, score = asOf - age, '0', nil, ''
  local last = redis.call('GET', key)
  if last then recordedAt, lastHeard, score = string.match(last, '^(%d+):(%d+):(%d*)$') end
  lastHeard = tonumber(lastHeard)
  local due = (isSaved and lastHeard and lastHeard <= now and now - lastHeard < OVERDUE_MS) and '0' or '1'
  if lastHeard and lastHeard <= now then heard = math.max(heard, lastHeard) end
  local value = string.format('%s:%.0f:%s', recordedAt, heard, score)
  if heard + silentAfterMs <= now then
    redis.call('HSETNX', KEYS[4], id, value)
    return 'K' .. due
  end
  redis.call('HSET', KEYS[4], id, value)
  redis.call('SET', key, value, 'PXAT', string.format('%.0f', heard + silentAfterMs))
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
for i = 4, #ARGV, 2 do
  local id = ARGV[i]
  local status = redis.call('HGET', KEYS[2], id)
  local code = status and string.match(status, '^%d+:(%a)')
  replies[#replies + 1] = code and hear(id, code, tonumber(ARGV[i + 1])) or 'M0'
end
return { table.concat(replies), string.format('%.0f', now) }
