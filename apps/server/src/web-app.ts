import { spawn } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { extname, join, sep } from 'node:path'
import { buildProgram, freshBuild } from '@extropy/web/build'

interface WebFile {
  readonly bytes: Buffer
  readonly type: string
}

/** The web app's files, in memory: some 30, a megabyte in all. */
export interface WebApp {
  readonly state: 'building' | 'ready' | 'failed'
  /** By the path of their URL, with a slash in front. */
  readonly files: ReadonlyMap<string, WebFile>
}

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

/** Builds the app in a process of its own where its sources have changed since, so that the database opens meanwhile. */
export function openWebApp(onFailed: (output: string) => void): WebApp {
  const app: { state: WebApp['state']; files: WebApp['files'] } = { state: 'building', files: new Map() }
  const { folder, isStale } = freshBuild()
  const read = () => {
    app.files = folder === undefined ? new Map() : readFiles(folder)
    app.state = app.files.has('/index.html') ? 'ready' : 'failed'
  }
  if (!isStale) {
    read()
    return app
  }
  const build = spawn(process.execPath, [buildProgram], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [build.stdout, build.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk
    })
  }
  build.once('close', () => {
    read()
    if (app.state === 'failed') onFailed(output.slice(-2000))
  })
  // A server that stops meanwhile does not wait for it.
  build.unref()
  return app
}

function readFiles(folder: string): Map<string, WebFile> {
  const files = globSync('**/*.*', { cwd: folder }).map((name): [string, WebFile] => [
    `/${name.replaceAll(sep, '/')}`,
    { bytes: readFileSync(join(folder, name)), type: types[extname(name)] ?? 'application/octet-stream' },
  ])
  return new Map(files)
}
