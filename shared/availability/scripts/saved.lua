#!lua flags=allow-oom
-- SAVED: Postgres has been told what was heard of these drivers of one shop. What was heard since stays to be told.
--
-- KEYS[1] heard   hash: driver -> recordedAtMs:heardAtMs:score
-- KEYS[2] saving  exists while it is somebody's turn, and for a while after
-- KEYS[3] saved   exists for 30 s after the last page
-- ARGV    1: it was the last page (0: there are more), then 2 per driver: id, what was told
-- Replies OK
local PAUSE_MS, SAVED_MS = 7000, 30000
local ids, told = {}, {}
for i = 2, #ARGV, 2 do
  ids[#ids + 1], told[#told + 1] = ARGV[i], ARGV[i + 1]
end
if #ids > 0 then
  local done = {}
  for i, heard in ipairs(redis.call('HMGET', KEYS[1], unpack(ids))) do
    if heard == told[i] then done[#done + 1] = ids[i] end
  end
  if #done > 0 then redis.call('HDEL', KEYS[1], unpack(done)) end
end
if ARGV[1] == '1' then
  redis.call('SET', KEYS[2], '1', 'PX', PAUSE_MS)
  redis.call('SET', KEYS[3], '1', 'PX', SAVED_MS)
end
return 'OK'
