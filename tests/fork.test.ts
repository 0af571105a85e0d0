import { createCluster, noServersBecause, type PgServer } from '@extropy/db/testing'
import { createKey, startServer } from '@extropy/server/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createWire } from './wire.ts'

if (noServersBecause !== undefined) test.skip(`old primaries beside new ones are not tested: ${noServersBecause}`)

interface Answer {
  readonly status: number
  readonly text: string
  readonly stamp: string
}

const sender =
  (key: string) =>
  async (url: string, init: RequestInit = {}): Promise<Answer> => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...init.headers }
    const answer = await fetch(url, { ...init, headers })
    return {
      status: answer.status,
      text: await answer.text(),
      stamp: answer.headers.get('extropy-stamp') ?? '',
    }
  }

async function open(standbyCount: number) {
  const cluster = await createCluster({ standbys: standbyCount })
  onTestFinished(() => cluster.close())
  await cluster.primary.query('create database extropy')
  const serve = async (env: Record<string, string>) => {
    const server = await startServer({ LOG_LEVEL: 'fatal', ...env })
    onTestFinished(async () => {
      server.child.kill('SIGKILL')
      await server.exit()
    })
    return server.url
  }
  const candidates = (...hosts: string[]) =>
    `postgres://postgres@${hosts.join()}/extropy?target_session_attrs=read-write`
  return { cluster, serve, candidates, primary: cluster.primary, standbys: cluster.standbys as [PgServer, PgServer] }
}

const patch = (bio: string, headers: Record<string, string> = {}) => ({
  method: 'PATCH',
  body: JSON.stringify({ bio }),
  headers,
})

describe.skipIf(noServersBecause !== undefined)(
  'a primary that goes on after a standby was promoted',
  { timeout: 120_000 },
  () => {
    test('is not answered from, nor written to, for whoever has seen its successor: answers that are kept, and keys, neither', async () => {
      const { cluster, serve, candidates, primary, standbys } = await open(1)
      const [standby] = standbys
      const wire = await createWire(new URL(standby.url('extropy')))
      onTestFinished(() => wire.cut())
      const a = await serve({
        DATABASE_URL: candidates(primary.host, standby.host),
        DATABASE_REPLICA_URLS: [primary, standby].map((each) => each.url('extropy')).join(),
      })
      const b = await serve({
        DATABASE_URL: candidates(primary.host, wire.url.host),
        DATABASE_REPLICA_URLS: wire.url.href,
        MIGRATE_ON_START: 'off',
      })
      const send = sender(await createKey({ DATABASE_URL: primary.url('extropy') }, '--scope', 'admin'))
      const { id } = JSON.parse((await send(`${a}/api/users/me`)).text) as { id: string }
      const profile = `/api/users/${id}`
      const made = await send(`${a}/api/keys`, {
        method: 'POST',
        body: JSON.stringify({ name: 's', scopes: ['read'] }),
      })
      const second = JSON.parse(made.text) as { id: string; key: string }
      const asSecond = sender(second.key)
      await cluster.caughtUp(standby)
      for (let n = 0; n < 3; n++) {
        expect((await send(b + profile)).status).toBe(200)
        expect((await asSecond(`${b}/api/users/me`)).status).toBe(200)
      }

      wire.freeze()
      await standby.promote()
      await expect.poll(async () => (await send(`${a}/api/users/me`)).stamp, { timeout: 20_000 }).toMatch(/^00000002/)
      const { status, stamp } = await send(a + profile, patch('new'))
      expect(status).toBe(200)
      expect((await send(`${a}/api/keys/${second.id}`, { method: 'DELETE' })).status).toBe(200)
      const headers = { 'extropy-stamp': stamp }
      for (let n = 0; n < 5; n++) {
        const answers = await Promise.all([
          send(b + profile, { headers }),
          send(b + profile, { headers: { ...headers, 'cache-control': 'no-cache' } }),
          send(b + profile, patch('lost', headers)),
          asSecond(`${b}/api/users/me`, { headers }),
        ])
        expect(answers.map((answer) => answer.status)).toEqual([503, 503, 503, 503])
      }
      expect((await fetch(`${b}/health/ready`, { headers })).status).toBe(200)
      await wire.cut()
      await wire.mend()
      await expect
        .poll(async () => (await send(b + profile, { headers })).text, { timeout: 20_000 })
        .toContain('"bio":"new"')
      expect((await asSecond(`${b}/api/users/me`, { headers })).status).toBe(401)
    })

    test('takes no write of a server that knows it alone, once a standby follows its successor', async () => {
      const { serve, primary, standbys } = await open(2)
      const [next, other] = standbys
      const url = await serve({ DATABASE_URL: primary.url('extropy'), DATABASE_REPLICA_URLS: other.url('extropy') })
      const send = sender(await createKey({ DATABASE_URL: primary.url('extropy') }, '--scope', 'admin'))
      const { id } = JSON.parse((await send(`${url}/api/users/me`)).text) as { id: string }
      const write = async (bio: string) => (await send(`${url}/api/users/${id}`, patch(bio))).status
      expect(await write('before')).toBe(200)
      await next.promote()
      await other.follow(next)
      await expect.poll(() => write('lost'), { timeout: 30_000, interval: 200 }).toBe(503)
      for (let n = 0; n < 5; n++)
        expect([await write('lost'), (await send(`${url}/api/users/me`)).status]).toEqual([503, 503])
      expect((await fetch(`${url}/health/ready`)).status).toBe(503)
    })
  },
)
