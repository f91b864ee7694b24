#!lua
-- LOCATE: take location fixes of one shop. Keeps the newest per driver, refreshes the heartbeat, moves AVAILABLE
-- drivers. Never changes a status and never creates availability: who is not AVAILABLE in the hash is not shown.
-- A phone clock in the future is held to 5 s ahead of Redis; the same fix twice changes nothing.
-- Reads and moves all drivers by one command each, since of what a fix costs most is the calls; the arguments are three
-- lists, since Redis reads JSON in a third of the time that it takes Lua to split a text.
--
-- KEYS[1] geo           sorted set of AVAILABLE drivers
-- KEYS[2] status        hash: driver -> version:code:idleSinceMs
-- KEYS[3] onlinePrefix  + driver: recordedAtMs:persistedAtMs:score, EX 60
-- ARGV    three JSON lists of as many texts, at most 500, a driver once: ids; recordedAtMs (or `now`); scores, each the
--         position's in a sorted set, as GEOADD would make it
-- Replies one word, 2 characters per fix: K (taken: OK) | L (a newer fix is known; the contact counts: OLD) | M (unknown
--         driver, nothing written: MISS), then whether the thinned write to Postgres is due, which is noted here as
--         done: 0 (no) | 1 (none for 10 s) | 2 (none for 30 s, or none known)
local AHEAD_MS, PERSIST_EVERY_MS, OVERDUE_MS, SILENT_AFTER_MS = 5000, 10000, 30000, 60000
local find, match, format, call = string.find, string.match, string.format, redis.call
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local latest = now + AHEAD_MS
-- As a moment, not as a duration: Redis would rewrite a duration into one, per fix.
local nowText, expiresAt = format('%.0f', now), format('%.0f', now + SILENT_AFTER_MS)

local ids, times, scores = cjson.decode(ARGV[1]), cjson.decode(ARGV[2]), cjson.decode(ARGV[3])
local keys, prefix = {}, KEYS[3]
for i, id in ipairs(ids) do keys[i] = prefix .. id end
local statuses, lasts = call('HMGET', KEYS[2], unpack(ids)), call('MGET', unpack(keys))

local replies, moves, moved = {}, {}, 0
for i, id in ipairs(ids) do
  local status = statuses[i]
  if not status then
    replies[i] = 'M0'
  else
    local recorded, recordedAt, score, last = now, nowText, scores[i], lasts[i]
    local outcome, persisted, persistedAt = 'K', 0, '0'
    if times[i] ~= 'now' then
      recordedAt = times[i]
      recorded = tonumber(recordedAt)
      if recorded > latest then
        recorded, recordedAt = latest, format('%.0f', latest)
      end
    end
    if last then
      local lastRecordedAt, lastPersistedAt = match(last, '^(%d+):(%d+)')
      local lastRecorded = tonumber(lastRecordedAt)
      persistedAt, persisted = lastPersistedAt, tonumber(lastPersistedAt)
      -- Further ahead than any fix may be: Redis's own clock went back (failover). The new fix wins.
      if recorded <= lastRecorded and lastRecorded <= latest then
        if recorded < lastRecorded then outcome = 'L' end
        recordedAt, score = lastRecordedAt, match(last, '%d*$')
      end
    end
    local due, age = '0', now - persisted
    if age < 0 or age >= PERSIST_EVERY_MS then
      due = (age < 0 or age >= OVERDUE_MS) and '2' or '1'
      persistedAt = nowText
    end
    call('SET', keys[i], recordedAt .. ':' .. persistedAt .. ':' .. score, 'PXAT', expiresAt)
    if find(status, ':A:', 1, true) then
      moves[moved + 1], moves[moved + 2] = score, id
      moved = moved + 2
    end
    replies[i] = outcome .. due
  end
end
if moved > 0 then call('ZADD', KEYS[1], unpack(moves)) end
return table.concat(replies)
