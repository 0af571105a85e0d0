import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFakeResolver } from '../testing/fake-resolver.ts'
import { redirect } from '../testing/hostile-routes.ts'
import { type LoopbackSite, startLoopbackSite } from '../testing/loopback-site.ts'
import type { FetchReason } from './fetched.ts'
import { createGuardedFetch, type GuardedFetch } from './guarded-fetch.ts'

/** Answers of the resolver for names that lead, or may lead, inside. */
const names = {
  'loopback.example': ['127.0.0.1'],
  'loopback6.example': ['::1'],
  'private.example': ['10.0.0.1'],
  'mapped.example': ['::ffff:127.0.0.1'],
  'mapped-hex.example': ['::ffff:7f00:1'],
  'compatible.example': ['::127.0.0.1'],
  'nat64.example': ['64:ff9b::7f00:1'],
  'nat64-local.example': ['64:ff9b:1::7f00:1'],
  '6to4.example': ['2002:7f00:1::'],
  'teredo.example': ['2001:0:7f00:1::'],
  'zone.example': ['fe80::1%lo'],
  'metadata.example': ['169.254.169.254'],
  'azure.example': ['168.63.129.16'],
  'mixed.example': ['93.184.216.34', '127.0.0.1'],
  'mixed6.example': ['2606:2800:220:1::1', '::1'],
  'odd.example': ['0x7f000001'],
  'octal.example': ['0177.0.0.1'],
  'empty-text.example': [''],
  localhost: ['127.0.0.1'],
  'xn--mnchen-3ya.example': ['127.0.0.1'],
  intranet: ['127.0.0.1'],
}

/** `PORT` stands for the victim's. */
const battery: readonly [FetchReason, readonly string[]][] = [
  [
    'private-address',
    [
      // IPv4, plain and in the spellings that inet_aton knows
      'http://127.0.0.1:PORT/',
      'http://127.1:PORT/',
      'http://127.0.1:PORT/',
      'http://0:PORT/',
      'http://0.0.0.0:PORT/',
      'http://0x0:PORT/',
      'http://2130706433:PORT/',
      'http://017700000001:PORT/',
      'http://0177.0.0.1:PORT/',
      'http://0177.0.0.01:PORT/',
      'http://0x7f000001:PORT/',
      'http://0x7f.1:PORT/',
      'http://0x7f.0.0.0x1:PORT/',
      'http://0X7F.0x0.0x0.0x1:PORT/',
      'http://127.0.0.1.:PORT/',
      'http://127.127.127.127:PORT/',
      'http://127.255.255.254:PORT/',
      // escapes, and digits and dots of other alphabets, that fold into ASCII
      'http://%31%32%37.0.0.1:PORT/',
      'http://127%2e0%2e0%2e1:PORT/',
      'http://127\u30020\u30020\u30021:PORT/',
      'http://127.0.0\u30021:PORT/',
      'http://127\uff0e0\uff610\u30021:PORT/',
      'http://\uff11\uff12\uff17.0.0.1:PORT/',
      'http://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460:PORT/',
      'http://1\u00ad27.0.0.1:PORT/',
      'http://\u{1d7cf}\u{1d7d0}\u{1d7d5}.0.0.1:PORT/',
      'http://\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3:PORT/',
      // other ranges
      'http://10.0.0.1:PORT/',
      'http://172.16.0.1:PORT/',
      'http://172.31.255.255:PORT/',
      'http://192.168.0.1:PORT/',
      'http://100.64.0.1:PORT/',
      'http://100.127.255.255:PORT/',
      'http://169.254.0.1:PORT/',
      'http://192.0.0.1:PORT/',
      'http://192.0.2.1:PORT/',
      'http://192.88.99.1:PORT/',
      'http://198.18.0.1:PORT/',
      'http://198.51.100.1:PORT/',
      'http://203.0.113.1:PORT/',
      'http://224.0.0.1:PORT/',
      'http://240.0.0.1:PORT/',
      'http://255.255.255.255:PORT/',
      // metadata and platform services of clouds
      'http://169.254.169.254:PORT/latest/meta-data/',
      'http://2852039166:PORT/latest/meta-data/',
      'http://0xa9fea9fe:PORT/',
      'http://0251.0376.0251.0376:PORT/',
      'http://[fd00:ec2::254]:PORT/',
      'http://168.63.129.16:PORT/',
      'http://0xa83f8110:PORT/',
      'http://100.100.100.200:PORT/',
      'http://192.0.0.192:PORT/',
      'http://metadata.google.internal:PORT/computeMetadata/v1/',
      'http://METADATA.google.internal.:PORT/',
      // IPv6
      'http://[::1]:PORT/',
      'http://[::]:PORT/',
      'http://[0:0:0:0:0:0:0:1]:PORT/',
      'http://[0000:0000:0000:0000:0000:0000:0000:0001]:PORT/',
      'http://[::ffff:127.0.0.1]:PORT/',
      'http://[::ffff:7f00:1]:PORT/',
      'http://[0:0:0:0:0:ffff:127.0.0.1]:PORT/',
      'http://[::ffff:0:127.0.0.1]:PORT/',
      'http://[::127.0.0.1]:PORT/',
      'http://[::7f00:1]:PORT/',
      'http://[64:ff9b::127.0.0.1]:PORT/',
      'http://[64:ff9b::a9fe:a9fe]:PORT/',
      'http://[64:ff9b:1::127.0.0.1]:PORT/',
      'http://[2002:7f00:1::]:PORT/',
      'http://[2002:a00:1::1]:PORT/',
      'http://[2001:0:7f00:1::]:PORT/',
      'http://[2001:0:0:0:0:0:80ff:fffe]:PORT/',
      'http://[fe80::1]:PORT/',
      'http://[fec0::1]:PORT/',
      'http://[fc00::1]:PORT/',
      'http://[fd12:3456:789a::1]:PORT/',
      'http://[ff02::1]:PORT/',
      'http://[100::1]:PORT/',
      'http://[2001:db8::1]:PORT/',
      'http://[3fff::1]:PORT/',
      'http://[5f00::1]:PORT/',
      'http://[2001:2::1]:PORT/',
      // names
      'http://localhost:PORT/',
      'http://LOCALHOST:PORT/',
      'http://localhost.:PORT/',
      'http://localhost..:PORT/',
      'http://a.b.localhost:PORT/',
      'http://localhost.localdomain:PORT/',
      'http://local\u00adhost:PORT/',
      'http://intranet:PORT/',
      'http://münchen.example:PORT/',
      ...Object.keys(names)
        .filter((name) => name.endsWith('.example') && !name.startsWith('xn--'))
        .map((name) => `http://${name}:PORT/`),
      'http://loopback.example.:PORT/',
      'http://loopback\u3002example:PORT/',
      'http://LOOPBACK.EXAMPLE:PORT/#@93.184.216.34/',
      'https://loopback.example:PORT/',
      'http://127.0.0.1:PORT\\@93.184.216.34/',
      'http://127.0.0.1:PORT/?@93.184.216.34/',
      'http:127.0.0.1:PORT/',
      'http:\\\\127.0.0.1:PORT\\',
      ' \thttp://127.0.0.1:PORT/ ',
      'ht\ntp://127.0.\n0.1:PORT/',
    ],
  ],
  [
    'userinfo',
    [
      'http://93.184.216.34@127.0.0.1:PORT/',
      'http://user:secret@loopback.example:PORT/',
      'http://93.184.216.34:80@127.0.0.1:PORT/',
      'http://93.184.216.34%23@127.0.0.1:PORT/',
      'http://x:@127.0.0.1:PORT/',
    ],
  ],
  [
    'bad-url',
    [
      'http://[fe80::1%25lo]:PORT/',
      'http://[::1%25lo]:PORT/',
      'http://[::1:PORT/',
      'http://127.0.0.256:PORT/',
      'http://0x7f.0.0.0.1:PORT/',
      'http://[::ffff:127.0.0.1.]:PORT/',
      'http://127.0.0.1 :PORT/',
      'http://loopback.example\0:PORT/',
      'http://..:PORT/',
      'http://127.0.0.1:99999/',
      `http://127.0.0.1:PORT/${'x'.repeat(9000)}`,
    ],
  ],
  [
    'bad-port',
    [
      'http://loopback.example:22/',
      'http://93.184.216.34:6379/',
      'http://127.0.0.1:0/',
      'https://loopback.example:5432/',
    ],
  ],
  [
    'bad-scheme',
    [
      'file:///etc/passwd',
      'file://127.0.0.1/',
      'ftp://127.0.0.1:PORT/',
      'gopher://127.0.0.1:PORT/_GET',
      'dict://127.0.0.1:PORT/',
      'data:text/html,hello',
      'javascript:alert(1)',
      'blob:http://127.0.0.1:PORT/x',
      'ws://127.0.0.1:PORT/',
      'jar:http://127.0.0.1:PORT!/',
      'unix:/var/run/docker.sock',
    ],
  ],
]

describe('the guard', () => {
  let victim: LoopbackSite
  /** Public as far as the guard knows: allowed, and full of redirects inward. */
  let open: LoopbackSite
  let door: GuardedFetch

  beforeAll(async () => {
    victim = await startLoopbackSite({ '*': 'secret' }, { address: '::' })
    open = await startLoopbackSite()
    const { resolve } = createFakeResolver({ ...names, 'open.example': ['127.0.0.1'] })
    // The victim's port is open to all, so that the address alone can save it.
    door = createGuardedFetch({ allowPrivate: [`open.example:${open.port}`], extraPorts: [victim.port], resolve })
  })
  afterAll(async () => {
    await door.close()
    await victim.close()
    await open.close()
  })

  const attempts = battery.flatMap(([reason, urls]) => urls.map((url) => ({ reason, url })))

  it('knows more than 80 tricks', () => {
    expect(new Set(attempts.map(({ url }) => url)).size).toBe(attempts.length)
    expect(attempts.length).toBeGreaterThan(80)
  })

  it.each(attempts)('stops $url as $reason', async ({ reason, url }) => {
    const fetched = await door.fetch(url.replaceAll('PORT', String(victim.port)))
    expect(fetched).toMatchObject({ outcome: 'refused', reason, message: expect.stringMatching(/[.]$|:$/) })
  })

  // A Location cannot carry what a header cannot: line ends and NUL, or characters beyond Latin-1, unless they are escaped.
  const redirected = attempts.filter(({ url }) => /^[\x20-\x7e]+$/.test(url) && url.trim() === url)
  it.each(redirected)('stops a redirect to $url as $reason', async ({ reason, url }) => {
    open.set('/away', redirect(url.replaceAll('PORT', String(victim.port))))
    const fetched = await door.fetch(`http://open.example:${open.port}/away`)
    // The URL parser reads a Location against its base: `http:127…` with the same scheme is then a path on the open host.
    if (url.startsWith('http:127')) return expect(fetched.outcome).toBe('gone')
    if (reason === 'bad-url' && !url.includes('xxx') && !url.includes('..:')) {
      return expect(fetched).toMatchObject({ outcome: 'failed', reason: 'bad-redirect' })
    }
    expect(fetched).toMatchObject({ outcome: 'refused', reason, redirects: [{ status: 302 }] })
  })

  it('stops a redirect without a scheme that names another host', async () => {
    open.set('/away', redirect(`//127.0.0.1:${victim.port}/`))
    const fetched = await door.fetch(`http://open.example:${open.port}/away`)
    expect(fetched).toMatchObject({ outcome: 'refused', reason: 'private-address' })
  })

  it('stops an inward redirect after five good ones', async () => {
    for (let hop = 1; hop < 5; hop++) open.set(`/${hop}`, redirect(`/${hop + 1}`))
    open.set('/5', redirect(`http://127.0.0.1:${victim.port}/`))
    const fetched = await door.fetch(`http://open.example:${open.port}/1`)
    expect(fetched).toMatchObject({ outcome: 'refused', reason: 'private-address' })
  })

  it('asks a name once for each connection, and connects to no other answer', async () => {
    const rebinding = createFakeResolver({
      'rebind.example': [['127.0.0.1'], ['93.184.216.34']],
      'later.example': [['192.0.2.1'], ['127.0.0.1']],
    })
    const guarded = createGuardedFetch({ extraPorts: [victim.port], resolve: rebinding.resolve })
    for (const name of ['rebind.example', 'later.example', 'later.example']) {
      expect(await guarded.fetch(`http://${name}:${victim.port}/`)).toMatchObject({ reason: 'private-address' })
    }
    expect(rebinding.asked).toEqual(['rebind.example', 'later.example', 'later.example'])
    await guarded.close()
  })

  it('looks again when a name that was good sends a redirect to itself', async () => {
    const rebinding = createFakeResolver({ 'flip.example': [['127.0.0.1'], ['169.254.169.254']] })
    const guarded = createGuardedFetch({ allowPrivate: [`flip.example:${open.port}`], resolve: rebinding.resolve })
    open.set('/again', redirect('/again'))
    const fetched = await guarded.fetch(`http://flip.example:${open.port}/again`)
    expect(fetched).toMatchObject({ outcome: 'refused', reason: 'private-address', redirects: [{}] })
    await guarded.close()
  })

  it('lets a name at home lead home, but not to metadata', async () => {
    const { resolve } = createFakeResolver({ 'nas.example': ['169.254.169.254'], 'nas2.example': ['127.0.0.1'] })
    const guarded = createGuardedFetch({ allowPrivate: ['nas.example:8080', `nas2.example:${open.port}`], resolve })
    expect(await guarded.fetch('http://nas.example:8080/')).toMatchObject({ reason: 'private-address' })
    expect(await guarded.fetch(`http://nas2.example:${open.port}/none`)).toMatchObject({ outcome: 'gone' })
    await guarded.close()
  })

  it('has let nothing through to the victim, which can be reached when it is allowed', async () => {
    expect(victim.connections).toBe(0)
    const allowed = createGuardedFetch({ allowPrivate: [`127.0.0.1:${victim.port}`] })
    expect(await allowed.fetch(`http://0x7f.1:${victim.port}/`)).toMatchObject({ outcome: 'ok' })
    expect(await allowed.fetch(`http://127.0.0.2:${victim.port}/`)).toMatchObject({ reason: 'bad-port' })
    expect(await allowed.fetch(`http://localhost:${victim.port}/`)).toMatchObject({ reason: 'bad-port' })
    expect(victim.connections).toBe(1)
    await allowed.close()
  })
})
