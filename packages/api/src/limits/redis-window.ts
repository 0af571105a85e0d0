import { defineScript } from '@redis/client'
import type { Asked, Settled } from './leasing-limiter.ts'
import { stepMs, steps } from './window.ts'

/**
 * The window of window.ts as a hash from step to charges, by the clock of Redis: one script, so that no two servers take
 * the same place. It takes back requests that a server did not spend, and then grants `need` requests, and of `ahead` more at most a
 * tenth of what is left. Steps that are yet to come, written before that clock was set back, count as the step under way.
 */
export const settleScript = defineScript({
  NUMBER_OF_KEYS: 1,
  SCRIPT: `
    local limit, need, ahead = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
    local back, back_step = tonumber(ARGV[4]), ARGV[5]
    local steps, step_ms = tonumber(ARGV[6]), tonumber(ARGV[7])
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    local step = math.floor(now / step_ms)
    if back > 0 and redis.call('HEXISTS', KEYS[1], back_step) == 1 then
      redis.call('HINCRBY', KEYS[1], back_step, -back)
    end
    local fields, counts, used, to_come = redis.call('HGETALL', KEYS[1]), {}, 0, 0
    for i = 1, #fields, 2 do
      local at, count = tonumber(fields[i]), tonumber(fields[i + 1])
      if at < step - steps then redis.call('HDEL', KEYS[1], fields[i])
      else
        if at > step then redis.call('HDEL', KEYS[1], fields[i]) at = step to_come = to_come + count end
        counts[#counts + 1] = { at, count } used = used + count
      end
    end
    local surplus, granted = used + need - limit, 0
    if need > 0 and surplus <= 0 then
      granted = need + math.max(0, math.min(ahead, math.floor((limit - used - need) / 10)))
      used = used + granted
      surplus = 1
      counts[#counts + 1] = { step, granted }
    end
    if granted + to_come > 0 then
      redis.call('HINCRBY', KEYS[1], step, granted + to_come)
      redis.call('PEXPIRE', KEYS[1], (steps + 1) * step_ms)
    end
    table.sort(counts, function(a, b) return a[1] < b[1] end)
    local reset, gone = steps * step_ms, 0
    for _, entry in ipairs(counts) do
      gone = gone + entry[2]
      if gone >= surplus then reset = (entry[1] + steps + 1) * step_ms - now break end
    end
    return { granted, math.max(0, limit - used), reset, step, (step + 1) * step_ms - now }`,
  parseCommand(parser, key: string, asked: Asked) {
    parser.pushKey(key)
    const { limit, need, ahead, back, backStep } = asked
    parser.push(...[limit, need, ahead, back, backStep, steps, stepMs].map(String))
  },
  transformReply(reply: unknown): Settled {
    const [granted, remaining, resetMs, step, stepLeftMs] = reply as [number, number, number, number, number]
    return { granted, remaining, resetMs, step, stepLeftMs }
  },
})
