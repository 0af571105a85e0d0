import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '@extropy/db/testing'

/** The program: TEST_REDIS_SERVER, or the one on the PATH. Undefined where there is none. */
export const redisProgram = [process.env.TEST_REDIS_SERVER, 'redis-server'].find(
  (name) => name !== undefined && spawnSync(name, ['--version']).error === undefined,
)

/** A Redis of the test's own, without persistence: it may be killed, filled and flushed. A configuration file comes first. */
export async function startOwnRedis(...options: readonly string[]) {
  const port = await freePort()
  const url = new URL(`redis://127.0.0.1:${port}`)
  let child: ChildProcess
  const start = async () => {
    child = spawn(redisProgram as string, [...options, '--port', `${port}`, '--bind', '127.0.0.1'], { stdio: 'ignore' })
    while (!/^\+PONG/.test(await say(port, 'PING').catch(() => ''))) {
      if (child.exitCode !== null) throw new Error(`redis-server ${options.join(' ')} ended with ${child.exitCode}`)
      await sleep(10)
    }
  }
  await start()
  return {
    url,
    start,
    /** The first line of the answer, as Redis sends it: `+OK`, or `-` and an error. */
    command: (line: string) => say(port, line),
    async kill() {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}

async function say(port: number, line: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(`${line}\r\n`)
  try {
    const [answer] = (await once(socket, 'data')) as [Buffer]
    return `${answer}`.split('\r\n')[0] ?? ''
  } finally {
    socket.destroy()
  }
}
