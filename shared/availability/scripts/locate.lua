#!lua
-- LOCATE: take location fixes of one shop. Keeps the newest per driver, refreshes the heartbeat, moves AVAILABLE
-- drivers. Never changes a status and never creates availability: who is not AVAILABLE in the hash is not shown.
-- A contact counts from when it was received: one that waited in a stopped process or a slow network is as old as it is,
-- never makes anything older, and makes nobody live once it is too old. What is taken is noted for Postgres (unsaved.lua).
-- A phone clock in the future is held to 5 s ahead of Redis; the same fix twice changes nothing.
-- A phone clock that went back makes fixes older than the last one for hours, which what lay in a queue is for a moment
-- only. So where for 30 s nothing but older fixes came, the clock did: from then on what it shows is corrected by what
-- it lacked then, so that these count again and stand in their order.
-- Reads and moves all drivers by one command each, since of what a fix costs most is the calls; the arguments are
-- lists, since Redis reads JSON in a third of the time that it takes Lua to split a text.
--
-- KEYS[1] geo           sorted set of AVAILABLE drivers
-- KEYS[2] status        hash: driver -> version:code:idleSinceMs
-- KEYS[3] onlinePrefix  + driver: recordedAtMs:heardAtMs:score, gone once the driver is silent
-- KEYS[4] heard         hash: driver -> the same: what Postgres is to be told
-- KEYS[5] saved         exists while somebody tells it
-- KEYS[6] behindPrefix  + driver: recordedAtMs of the last fix:when an older one came first:what the clock lacks, in ms
--         (empty: in doubt)
-- ARGV    sent: for how many ms this call has waited to be sent; asOf: the time the ages below count from, by our clock
--         as the sender knows it (empty: not known); silentAfter: ms without a contact that make a driver silent; then four
--         JSON lists of equal length, at most 500, a driver once: ids; recordedAtMs (or `now`: when it was received), as texts; scores, as texts, each the position's in a sorted
--         set, as GEOADD would make it; ages in ms, as numbers
-- Replies a word of 2 characters per fix: K (taken: OK) | L (a newer fix is known; the contact counts: OLD) | M (unknown
--         driver, nothing written: MISS), then 1 where Postgres would take the driver for silent and has to be told at
--         once, or 0; after it the time here, in ms
-- LAY_MS: of less on its way the sender's reckoning says too little.
local AHEAD_MS, OVERDUE_MS, LAY_MS, silentAfterMs = 5000, 30000, 2000, tonumber(ARGV[3])
local DOUBT_MS, BEHIND_TTL_MS = 30000, '120000'
local find, match, format, call = string.find, string.match, string.format, redis.call
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local latest, asOf = now + AHEAD_MS, now - tonumber(ARGV[1])
if ARGV[2] ~= '' and tonumber(ARGV[2]) < asOf - LAY_MS then asOf = tonumber(ARGV[2]) end

local ids, times = cjson.decode(ARGV[4]), cjson.decode(ARGV[5])
local scores, ages = cjson.decode(ARGV[6]), cjson.decode(ARGV[7])
local keys, prefix = {}, KEYS[3]
for i, id in ipairs(ids) do keys[i] = prefix .. id end
local statuses, lasts = call('HMGET', KEYS[2], unpack(ids)), call('MGET', unpack(keys))
local isSaved = call('EXISTS', KEYS[5]) == 1

-- Those that came together were heard at the same few moments.
local texts = {}
local function textOf(ms)
  local text = texts[ms]
  if not text then
    text = format('%.0f', ms)
    texts[ms] = text
  end
  return text
end

-- When an older fix than the last was recorded, by a clock that has not gone back.
local function corrected(id, recorded, lastRecordedAt, heard, lastHeard)
  local key = KEYS[6] .. id
  local behind = call('GET', key)
  local doubted, since, lacks = match(behind or '', '^(%d+):(%d+):(%d*)$')
  if lacks and lacks ~= '' then
    local present = recorded + tonumber(lacks)
    if present > latest then present = latest end
    if present < tonumber(lastRecordedAt) then return recorded end
    call('SET', key, behind, 'PX', BEHIND_TTL_MS)
    return present
  end
  if doubted ~= lastRecordedAt then
    -- Not before the last one was taken, however long this one was on its way.
    local from = textOf(math.max(heard, math.min(lastHeard, now)))
    call('SET', key, lastRecordedAt .. ':' .. from .. ':', 'PX', BEHIND_TTL_MS)
    return recorded
  end
  if heard - tonumber(since) < DOUBT_MS then return recorded end
  local lacked = textOf(math.max(0, heard - recorded))
  call('SET', key, lastRecordedAt .. ':' .. since .. ':' .. lacked, 'PX', BEHIND_TTL_MS)
  return heard
end

local replies, moves, moved, notes, noted = {}, {}, 0, {}, 0
for i, id in ipairs(ids) do
  local status = statuses[i]
  if not status then
    replies[i] = 'M0'
  else
    local heard, score, last = asOf - ages[i], scores[i], lasts[i]
    local recorded, recordedAt = heard, times[i]
    local outcome, due, isTimed = 'K', '1', times[i] ~= 'now'
    if not isTimed then
      recordedAt = textOf(heard)
    else
      recorded = tonumber(recordedAt)
      if recorded > latest then
        recorded, recordedAt = latest, textOf(latest)
      end
    end
    if last then
      local lastRecordedAt, lastHeardAt = match(last, '^(%d+):(%d+)')
      local lastRecorded, lastHeard = tonumber(lastRecordedAt), tonumber(lastHeardAt)
      if recorded < lastRecorded and lastRecorded <= latest and isTimed then
        recorded = corrected(id, recorded, lastRecordedAt, heard, lastHeard)
        recordedAt = textOf(recorded)
      end
      -- Further ahead than any fix may be: Redis's own clock went back (failover). The new fix wins.
      -- The same fix twice changes nothing; one without a time is no other's double.
      if (recorded < lastRecorded or (recorded == lastRecorded and isTimed)) and lastRecorded <= latest then
        if recorded < lastRecorded then outcome = 'L' end
        recordedAt, score = lastRecordedAt, match(last, '%d*$')
      end
      if lastHeard <= now then
        if lastHeard > heard then heard = lastHeard end
        if isSaved and now - lastHeard < OVERDUE_MS then due = '0' end
      end
    end
    local value = recordedAt .. ':' .. textOf(heard) .. ':' .. score
    if heard + silentAfterMs <= now then
      call('HSETNX', KEYS[4], id, value)
    else
      -- As a moment, not as a duration: Redis would rewrite a duration into one, per fix.
      call('SET', keys[i], value, 'PXAT', textOf(heard + silentAfterMs))
      notes[noted + 1], notes[noted + 2] = id, value
      noted = noted + 2
      if find(status, ':A:', 1, true) then
        moves[moved + 1], moves[moved + 2] = score, id
        moved = moved + 2
      end
    end
    replies[i] = outcome .. due
  end
end
if moved > 0 then call('ZADD', KEYS[1], unpack(moves)) end
if noted > 0 then call('HSET', KEYS[4], unpack(notes)) end
return { table.concat(replies), textOf(now) }
