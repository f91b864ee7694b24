#!lua
-- LOCATE: take location fixes of one shop. Keeps the newest per driver, refreshes the heartbeat, moves AVAILABLE
-- drivers. Never changes a status and never creates availability: who is not AVAILABLE in the hash is not shown.
-- A contact counts from when it was received: one that waited in a stopped process or a slow network is as old as it is,
-- never makes anything older, and after 60 s makes nobody live. What is taken is noted for Postgres (unsaved.lua).
-- A phone clock in the future is held to 5 s ahead of Redis; the same fix twice changes nothing.
-- Reads and moves all drivers by one command each, since of what a fix costs most is the calls; the arguments are
-- lists, since Redis reads JSON in a third of the time that it takes Lua to split a text.
--
-- KEYS[1] geo           sorted set of AVAILABLE drivers
-- KEYS[2] status        hash: driver -> version:code:idleSinceMs
-- KEYS[3] onlinePrefix  + driver: recordedAtMs:heardAtMs:score, gone 60 s after the last contact
-- KEYS[4] heard         hash: driver -> the same: what Postgres is to be told
-- KEYS[5] saved         exists while somebody tells it
-- ARGV    sent: for how many ms this call has waited to be sent; asOf: the time the ages below count from, by our clock
--         as the sender knows it (empty: not known); then four JSON lists of equal length, at most 500, a driver once:
--         ids; recordedAtMs (or `now`: when it was received), as texts; scores, as texts, each the position's in a sorted
--         set, as GEOADD would make it; ages in ms, as numbers
-- Replies a word of 2 characters per fix: K (taken: OK) | L (a newer fix is known; the contact counts: OLD) | M (unknown
--         driver, nothing written: MISS), then 1 where Postgres would take the driver for silent and has to be told at
--         once, or 0; after it the time here, in ms
-- LAY_MS: of less on its way the sender's reckoning says too little.
local AHEAD_MS, OVERDUE_MS, SILENT_AFTER_MS, LAY_MS = 5000, 30000, 60000, 2000
local find, match, format, call = string.find, string.match, string.format, redis.call
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local latest, asOf = now + AHEAD_MS, now - tonumber(ARGV[1])
if ARGV[2] ~= '' and tonumber(ARGV[2]) < asOf - LAY_MS then asOf = tonumber(ARGV[2]) end

local ids, times = cjson.decode(ARGV[3]), cjson.decode(ARGV[4])
local scores, ages = cjson.decode(ARGV[5]), cjson.decode(ARGV[6])
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
    if heard + SILENT_AFTER_MS <= now then
      call('HSETNX', KEYS[4], id, value)
    else
      -- As a moment, not as a duration: Redis would rewrite a duration into one, per fix.
      call('SET', keys[i], value, 'PXAT', textOf(heard + SILENT_AFTER_MS))
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
