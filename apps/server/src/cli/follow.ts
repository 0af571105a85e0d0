import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { platforms } from '@extropy/db'
import { type Api, ApiError } from './api.ts'
import { followLook, type ShownSource, whenNext } from './follow-look.ts'
import { runCommand, UsageError } from './run-command.ts'
import { withApi } from './with-api.ts'

const usage = `usage: pnpm follow TARGET… [--platform PLATFORM] [--limit N]

Keeps up with writers: TARGET is a site, a page, a feed, a sitemap, a YouTube channel, r/name, u/name, @handle, or an OPML file, all of
whose feeds are followed. The first look is shown as it goes, with when the next one is and why. What is followed already stays as it is.

--platform PLATFORM  one of ${platforms.join(', ')}; told from the target where it is left out
--limit N            most posts of one look, 1 to 200; 20 where it is left out

A running server is asked to do it: the one of EXTROPY_KEY and EXTROPY_URL, else the one that has the embedded database open. Without
one the command looks itself, and a server keeps up from when it is started. The exit status is 1 where something cannot be followed.
`

const options = { platform: { type: 'string' }, limit: { type: 'string' } } as const

interface How {
  readonly platform?: string | undefined
  readonly limit?: number | undefined
}

await runCommand({ usage, options, allowPositionals: true }, async ({ platform, limit }, targets) => {
  if (targets.length === 0) throw new UsageError('name a TARGET: a site, a feed, a channel, an OPML file')
  if (platform !== undefined && !(platforms as readonly string[]).includes(platform)) {
    throw new UsageError(`--platform must be one of ${platforms.join(', ')}`)
  }
  if (limit !== undefined && !/^([1-9]\d?|1\d\d|200)$/.test(limit))
    throw new UsageError('--limit must be a whole number from 1 to 200')
  for (const target of targets) {
    if (isOpmlFile(target) && !existsSync(target)) throw new UsageError(`${target}: there is no such file`)
  }
  const how = { platform, limit: limit === undefined ? undefined : Number(limit) }
  return withApi(async (api, { isServer }) => {
    let failed = 0
    for (const target of targets) {
      const isFollowed = await follow(api, target, how).catch((error) => {
        // The others are still followed.
        if (!(error instanceof ApiError) || error.status === 0) throw error
        process.stdout.write(`${target}\n  ${error.message}\n`)
        return false
      })
      if (!isFollowed) failed++
    }
    if (!isServer && failed < targets.length) {
      process.stdout.write('\nA server keeps up from now on, while it runs: pnpm start\n')
    }
    return failed > 0 ? 1 : 0
  })
})

function isOpmlFile(target: string): boolean {
  return /\.opml$/i.test(target) && !/^[a-z]+:\/\//i.test(target)
}

async function follow(api: Api, target: string, { platform, limit }: How): Promise<boolean> {
  if (isOpmlFile(target)) return followAll(api, target)
  const source = await api.call<ShownSource & { isNew: boolean; jobId: string | null }>('POST', '/api/sources', {
    target,
    ...(platform === undefined ? {} : { platform }),
    ...(limit === undefined ? {} : { limit }),
  })
  process.stdout.write(`${source.label} (${source.platform} ${source.kind})\n`)
  if (source.jobId === null) {
    process.stdout.write(`  followed already, ${source.status}; looked at next ${whenNext(source)}\n`)
    return true
  }
  const isSound = await followLook(api, source.jobId, process.stdout)
  const now = await api.call<ShownSource>('GET', `/api/sources/${source.id}`)
  process.stdout.write(`  looked at next ${whenNext(now)}\n`)
  if (!isSound)
    process.stdout.write(`  followed all the same; if it is a mistake: pnpm sources remove ${source.id.slice(0, 8)}\n`)
  return isSound
}

interface Imported {
  readonly added: number
  readonly known: number
  readonly refused: number
  readonly problems: readonly { readonly target: string; readonly message: string }[]
}

async function followAll(api: Api, path: string): Promise<boolean> {
  const opml = await readFile(path, 'utf8')
  const { added, known, refused, problems } = await api.call<Imported>('POST', '/api/sources/opml', { opml })
  process.stdout.write(`${path}: ${added} feeds added, ${known} followed already, ${refused} refused\n`)
  for (const { target, message } of problems) process.stdout.write(`  ${target}: ${message}\n`)
  return refused === 0
}
