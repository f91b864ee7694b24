#!lua flags=allow-oom
-- UNSAVED: a page of what was heard of the drivers of one shop and Postgres has not been told yet. The caller who asks
-- for the first page takes the turn for 3 s, with each page anew; nobody else has it meanwhile, nor for 7 s after the
-- last page was saved. So a driver who reports all the time is written once in a while, and one whose teller died is
-- not forgotten. Runs even when Redis is out of memory (allow-oom): what is told is dropped here.
--
-- KEYS[1] heard   hash: driver -> recordedAtMs:heardAtMs:score
-- KEYS[2] saving  exists while it is somebody's turn, and for a while after
-- ARGV    cursor (0: the first page), about how many per page, 1: also where it is another's turn (0: not)
-- Replies WAIT (it is not your turn)
--         PAGE, the cursor of the next one (0: there is none), the time here in ms, then 2 per driver: id, what was heard;
--              one may come twice
local TURN_MS = 3000
local mine = ARGV[1] ~= '0' or ARGV[3] == '1'
if not mine and redis.call('EXISTS', KEYS[2]) == 1 then return { 'WAIT' } end
redis.call('SET', KEYS[2], '1', 'PX', TURN_MS)
local time = redis.call('TIME')
local page = redis.call('HSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2])
local replies = { 'PAGE', page[1], string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)) }
for _, field in ipairs(page[2]) do replies[#replies + 1] = field end
return replies
