#!lua
-- LOCATE: take location fixes of one shop. Keeps the newest per driver, refreshes the heartbeat, moves AVAILABLE
-- drivers. Never changes a status and never creates availability: who is not AVAILABLE in the hash is not shown.
-- A phone clock in the future is held to 5 s ahead of Redis; the same fix twice changes nothing.
-- Reads and moves all drivers by one command each: of what a fix costs, most is the calls.
--
-- KEYS[1] geo           sorted set of AVAILABLE drivers
-- KEYS[2] status        hash: driver -> version:code:idleSinceMs
-- KEYS[3] onlinePrefix  + driver: recordedAtMs:persistedAtMs:score, EX 60
-- ARGV    one text, a line per fix: id recordedAtMs (or `now`) score, separated by spaces; at most one fix per driver,
--         at most 500. The score is the position's in a sorted set, as GEOADD would make it
-- Replies one word, 2 characters per fix: K (taken: OK) | L (a newer fix is known; the contact counts: OLD) | M (unknown
--         driver, nothing written: MISS), then whether the thinned write to Postgres is due, which is noted here as
--         done: 0 (no) | 1 (none for 10 s) | 2 (none for 30 s, or none known)
local AHEAD_MS, PERSIST_EVERY_MS, OVERDUE_MS, SILENT_AFTER_MS = 5000, 10000, 30000, 60000
local match, format, call = string.match, string.format, redis.call
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
-- As a moment, not as a duration: Redis would rewrite a duration into one, per fix.
local nowText, expiresAt = format('%.0f', now), format('%.0f', now + SILENT_AFTER_MS)

local ids, keys, times, scores, count = {}, {}, {}, {}, 0
for id, time, score in string.gmatch(ARGV[1], '(%S+) (%w+) (%d+)\n') do
  count = count + 1
  ids[count], keys[count], times[count], scores[count] = id, KEYS[3] .. id, time == 'now' and nowText or time, score
end
local statuses, lasts = call('HMGET', KEYS[2], unpack(ids)), call('MGET', unpack(keys))

local replies, moves, moved = {}, {}, 0
for i = 1, count do
  local code = statuses[i] and match(statuses[i], '^%d+:(%a)')
  if not code then
    replies[i] = 'M0'
  else
    local recordedAt, score, last = times[i], scores[i], lasts[i]
    local recorded, outcome, persisted, persistedAt = tonumber(recordedAt), 'K', 0, '0'
    if recorded > now + AHEAD_MS then
      recorded = now + AHEAD_MS
      recordedAt = format('%.0f', recorded)
    end
    if last then
      local lastRecordedAt, lastPersistedAt, lastScore = match(last, '^(%d+):(%d+):(%d*)$')
      local lastRecorded = tonumber(lastRecordedAt)
      persistedAt, persisted = lastPersistedAt, tonumber(lastPersistedAt)
      -- Further ahead than any fix may be: Redis's own clock went back (failover). The new fix wins.
      if recorded <= lastRecorded and lastRecorded <= now + AHEAD_MS then
        if recorded < lastRecorded then outcome = 'L' end
        recordedAt, score = lastRecordedAt, lastScore
      end
    end
    local due, age = '0', now - persisted
    if age < 0 or age >= PERSIST_EVERY_MS then
      due = (age < 0 or age >= OVERDUE_MS) and '2' or '1'
      persistedAt = nowText
    end
    call('SET', keys[i], recordedAt .. ':' .. persistedAt .. ':' .. score, 'PXAT', expiresAt)
    if code == 'A' then
      moves[moved + 1], moves[moved + 2] = score, ids[i]
      moved = moved + 2
    end
    replies[i] = outcome .. due
  end
end
if moved > 0 then call('ZADD', KEYS[1], unpack(moves)) end
return table.concat(replies)
