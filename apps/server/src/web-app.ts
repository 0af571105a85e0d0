import { spawn } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
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
  /** Each kind of page as HTML that names its scripts; the app's one page is `/index.html`. */
  readonly pages: readonly { readonly path: RegExp; readonly html: Buffer }[]
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
  const app: { -readonly [name in keyof WebApp]: WebApp[name] } = { state: 'building', files: new Map(), pages: [] }
  const { folder, isStale } = freshBuild()
  const read = () => {
    app.files = folder === undefined ? new Map() : readFiles(folder)
    app.pages = folder === undefined ? [] : readPages(folder, app.files)
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
  const files = globSync('**/*.*', { cwd: folder, exclude: ['pages.json'] }).map((name): [string, WebFile] => [
    `/${name.replaceAll(sep, '/')}`,
    { bytes: readFileSync(join(folder, name)), type: types[extname(name)] ?? 'application/octet-stream' },
  ])
  return new Map(files)
}

/** Their scripts' names are in `pages.json`, by the path of the page's route, as the build wrote it. */
function readPages(folder: string, files: WebApp['files']): WebApp['pages'] {
  const index = files.get('/index.html')?.bytes.toString()
  const list = join(folder, 'pages.json')
  if (index === undefined || !existsSync(list)) return []
  const scriptsOf = JSON.parse(readFileSync(list, 'utf8')) as Readonly<Record<string, readonly string[]>>
  const pages = Object.entries(scriptsOf).map(([route, scripts]) => {
    const links = scripts.map((script) => `<link rel="modulepreload" crossorigin href="${script}">\n`).join('')
    return {
      path: new RegExp(`^${route.replaceAll(/\$\w+/g, '[^/]+')}/?$`),
      isOne: !route.includes('$'),
      html: Buffer.from(index.replace('</head>', `${links}</head>`)),
    }
  })
  // `/cards/new` is no card.
  return pages.sort((one, other) => Number(other.isOne) - Number(one.isOne))
}
