import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { createFakeResolver } from '../testing/fake-resolver.ts'
import { createAllowPrivate } from './allow-private.ts'
import { guardedConnect } from './guarded-connect.ts'
import { checkTarget } from './target.ts'

const { resolve } = createFakeResolver({
  'site.example': ['93.184.215.14', '2606:2800:21f:cb07::1'],
  'nas.example': ['192.168.1.5'],
})

/** What comes of a connection that ends at `remote`, whatever addresses it was given. */
function connect(host: string, remote: string | undefined) {
  const allow = createAllowPrivate(['nas.example'])
  const socket = new Socket()
  Object.defineProperty(socket, 'remoteAddress', { value: remote })
  const connector = guardedConnect(checkTarget(`http://${host}/`, allow), {
    allow,
    resolve,
    signal: new AbortController().signal,
    connector: () => (_, callback) => void queueMicrotask(() => callback(null, socket)),
  })
  const options = { hostname: host, protocol: 'http:', port: '80' }
  return new Promise<{ error?: Error; isOpen: boolean }>((done) =>
    connector(options, (...[error]) => done({ ...(error && { error }), isOpen: !socket.destroyed })),
  )
}

test.each([
  ['site.example', '93.184.215.14'],
  ['site.example', '2606:2800:21f:cb07::1'],
  // The machine's own way to another address of the site; a private one would not be.
  ['site.example', '93.184.215.15'],
  ['nas.example', '192.168.1.5'],
])('a connection to %s that ends at %s is used', async (host, remote) => {
  expect(await connect(host, remote)).toEqual({ isOpen: true })
})

test.each([
  ['site.example', '127.0.0.1'],
  ['site.example', '::ffff:10.0.0.1'],
  ['site.example', '169.254.169.254'],
  ['site.example', undefined],
  ['nas.example', '169.254.169.254'],
])('a connection to %s that ends at %s is closed before anything is sent', async (host, remote) => {
  const { error, isOpen } = await connect(host, remote)
  expect(error).toMatchObject({ problem: { outcome: 'refused', reason: 'private-address' } })
  expect(isOpen).toBe(false)
})
