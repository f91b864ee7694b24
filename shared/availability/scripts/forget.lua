#!lua flags=allow-oom
-- FORGET: drop every trace of drivers Postgres does not know.
--
-- KEYS[1] geo           sorted set of AVAILABLE drivers
-- KEYS[2] status        hash: driver -> version:code:idleSinceMs
-- KEYS[3] onlinePrefix  + driver: heartbeat
-- KEYS[4] heard         hash: driver -> what Postgres was to be told
-- ARGV    driver ids
-- Replies OK
for _, id in ipairs(ARGV) do
  redis.call('ZREM', KEYS[1], id)
  redis.call('HDEL', KEYS[2], id)
  redis.call('DEL', KEYS[3] .. id)
  redis.call('HDEL', KEYS[4], id)
end
return 'OK'
