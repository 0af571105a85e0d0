import { defineScript } from '@redis/client'

/**
 * The store's operations, each one atomic step in Lua. Keys, all under one prefix:
 *
 *     meta      hash: epoch, seq, floor, run (the server process that the epoch began in), young, marked (the last number in
 *               marks), peopled (set while there are members)
 *     marks     sorted set: TAG -> the sequence at its last invalidation
 *     members   hash: member -> its renewals
 *     alive     expires when no member has renewed for a lease
 *     entry:K   hash: s (sequence), t (tags, JSON), v (bytes); expires with its TTL
 *     lock:K    the instance that loads K; expires
 *
 * Redis may evict any of them alone. Without meta there is no epoch; `marked` and `peopled` tell where marks and members are
 * missing that were there.
 *
 * Every script but `join` begins with `check` and answers the error LOST where the epoch has ended or the member is unknown.
 */
const check = `
local function marks_above(marks, seq, tags)
  for first = 1, #tags, 1000 do
    local scores = redis.call('ZMSCORE', marks, unpack(tags, first, math.min(first + 999, #tags)))
    for i = 1, #scores do if scores[i] and tonumber(scores[i]) > seq then return true end end
  end
  return false
end
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'seq', 'floor', 'young')
if meta[1] ~= ARGV[1] or redis.call('HEXISTS', KEYS[2], ARGV[2]) == 0 then return redis.error_reply('LOST') end
local seq, floor = tonumber(meta[2]), tonumber(meta[3])
`

/** For scripts that look at marks, KEYS[3]: where they were evicted, nothing from before the last of them is reachable. */
const checkMarks = `${check}
local marked = tonumber(redis.call('HGET', KEYS[1], 'marked') or 0)
if marked > floor and redis.call('EXISTS', KEYS[3]) == 0 then
  floor = marked
  redis.call('HSET', KEYS[1], 'floor', floor)
end
`

/** Past this many, the oldest tenth is forgotten and everything stored before becomes unreachable. */
const marksLimit = 100_000

const script = (numberOfKeys: number, text: string) =>
  defineScript({
    NUMBER_OF_KEYS: numberOfKeys,
    SCRIPT: text,
    parseCommand(parser, keys: string[], args: (string | Buffer)[]) {
      parser.pushKeys(keys)
      parser.push(...args)
    },
    transformReply: (reply: unknown) => reply,
  })

/** KEYS meta members marks alive. ARGV new epoch, member, lease ms, channel. */
const join = script(
  4,
  `
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'run', 'peopled')
local epoch = meta[1]
if not epoch or meta[2] ~= run then
  epoch = ARGV[1]
  redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'run', run, 'seq', 1, 'floor', 1, 'young', ARGV[2])
elseif meta[3] and redis.call('EXISTS', KEYS[2], KEYS[4]) < 2 then
  local seq = redis.call('HINCRBY', KEYS[1], 'seq', 1)
  redis.call('HSET', KEYS[1], 'floor', seq, 'young', ARGV[2])
  redis.call('DEL', KEYS[2], KEYS[3])
end
redis.call('HSET', KEYS[1], 'peopled', 1)
redis.call('HSET', KEYS[2], ARGV[2], 0)
redis.call('SET', KEYS[4], 1, 'PX', ARGV[3])
return {epoch, redis.call('HGET', KEYS[1], 'seq'), redis.call('HGET', KEYS[1], 'young') or ''}
`,
)

/**
 * KEYS meta members alive. ARGV epoch, member, lease ms. Another process than the epoch began in may be a replica that was
 * promoted behind a proxy, and may have missed the last invalidations: then the epoch is over.
 */
const renew = script(
  3,
  `${check}
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
if redis.call('HGET', KEYS[1], 'run') ~= run then return redis.error_reply('LOST') end
redis.call('HINCRBY', KEYS[2], ARGV[2], 1)
redis.call('SET', KEYS[3], 1, 'PX', ARGV[3])
return seq
`,
)

/** KEYS meta members marks entry lock. ARGV epoch, member, token or '', lock ms. */
const read = script(
  5,
  `${checkMarks}
local entry = redis.call('HMGET', KEYS[4], 's', 't', 'v', 'e')
if entry[1] then
  local since = tonumber(entry[1])
  if entry[4] == ARGV[1] and since >= floor and not marks_above(KEYS[3], since, cjson.decode(entry[2])) then
    return {1, entry[3], entry[2], redis.call('PTTL', KEYS[4])}
  end
  redis.call('UNLINK', KEYS[4])
end
if ARGV[3] ~= '' and redis.call('SET', KEYS[5], ARGV[3], 'NX', 'PX', ARGV[4]) then return {0, 1} end
return {0, 0}
`,
)

/** KEYS meta members marks entry lock. ARGV epoch, member, token or '', seq, tags JSON, bytes, keep ms. */
const write = script(
  5,
  `${checkMarks}
if ARGV[3] ~= '' and redis.call('GET', KEYS[5]) == ARGV[3] then redis.call('DEL', KEYS[5]) end
local since = tonumber(ARGV[4])
if since < floor or marks_above(KEYS[3], since, cjson.decode(ARGV[5])) then return 0 end
redis.call('DEL', KEYS[4])
redis.call('HSET', KEYS[4], 'e', ARGV[1], 's', ARGV[4], 't', ARGV[5], 'v', ARGV[6])
redis.call('PEXPIRE', KEYS[4], ARGV[7])
return 1
`,
)

/** KEYS meta members marks. ARGV epoch, member, channel, JSON: `what` is 'all' or a list of tags. */
const invalidate = script(
  3,
  `${checkMarks}
local what = cjson.decode(ARGV[4]).what
seq = redis.call('HINCRBY', KEYS[1], 'seq', 1)
if what == 'all' then
  redis.call('HSET', KEYS[1], 'floor', seq)
  redis.call('DEL', KEYS[3])
else
  for _, tag in ipairs(what) do redis.call('ZADD', KEYS[3], seq, tag) end
  if #what > 0 then redis.call('HSET', KEYS[1], 'marked', seq) end
  local excess = redis.call('ZCARD', KEYS[3]) - ${marksLimit}
  if excess > 0 then
    local last = excess + ${marksLimit / 10} - 1
    local oldest = redis.call('ZRANGE', KEYS[3], last, last, 'WITHSCORES')
    redis.call('HSET', KEYS[1], 'floor', math.max(floor, tonumber(oldest[2])))
    redis.call('ZREMRANGEBYRANK', KEYS[3], 0, last)
  end
end
redis.call('PUBLISH', ARGV[3], cjson.encode({epoch = ARGV[1], seq = seq, from = ARGV[2]}) .. ARGV[4])
return {seq, redis.call('HGETALL', KEYS[2]), meta[4] or ''}
`,
)

/** KEYS meta members lock. ARGV epoch, member, token. */
const release = script(
  3,
  `${check}\nif redis.call('GET', KEYS[3]) == ARGV[3] then redis.call('DEL', KEYS[3]) end\nreturn 1`,
)

/** KEYS meta members. ARGV epoch, member, then pairs: member, renewals. */
const evict = script(
  2,
  `${check}
for i = 3, #ARGV, 2 do
  if redis.call('HGET', KEYS[2], ARGV[i]) == ARGV[i + 1] then redis.call('HDEL', KEYS[2], ARGV[i]) end
end
return 1
`,
)

/** KEYS meta members. ARGV epoch, member, young. */
const confirmMembers = script(
  2,
  `${check}\nif meta[4] == ARGV[3] then redis.call('HDEL', KEYS[1], 'young') end\nreturn 1`,
)

/** KEYS meta members. ARGV epoch, member. */
const leave = script(
  2,
  `${check}
redis.call('HDEL', KEYS[2], ARGV[2])
if redis.call('EXISTS', KEYS[2]) == 0 then redis.call('HDEL', KEYS[1], 'peopled') end
return 1
`,
)

export const scripts = { join, renew, read, write, invalidate, release, evict, confirmMembers, leave }
