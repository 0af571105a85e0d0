import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ImportReport } from '@extropy/api'
import { importLocally } from '../import-locally.ts'
import { InputFileError } from '../input-file-error.ts'
import { uploadImport } from '../upload-import.ts'
import { runCommand, UsageError } from './run-command.ts'

const usage = `usage: pnpm run import FILE… [--follow] [--author NAME] [--site URL] [--private]

Takes in exports, zips, folders and files: X, Reddit, Substack, Medium, Ghost, WordPress, Mastodon, Pocket and Instapaper, captions,
bookmarks, OPML, Markdown, text, CSV, JSON and JSON Lines. What is there already stays as it is; the same file again changes nothing. An
import that was broken off goes on where it was. (Without «run», pnpm has a command of its own by this name.) What pnpm export has written
goes into an empty server, as it was: by this command without a key, or with an admin's.

--follow        keep up with the feeds that it names
--author NAME   the author of what names none
--site URL      the site's address, which exports of Substack and Ghost leave out
--private       bookmarks that are marked as private come in too

With EXTROPY_KEY, an API key with the scope write, the files are sent to the server at EXTROPY_URL (http://127.0.0.1:8000 where that is left
out), which reads them; Ctrl-C then leaves the server at work. Without a key this command reads them into the database of DATABASE_URL. The
embedded database belongs to one process: then use a key, or stop the server first.

The exit status is 1 where something cannot be read, or an import fails.
`

const options = {
  follow: { type: 'boolean', default: false },
  author: { type: 'string' },
  site: { type: 'string' },
  private: { type: 'boolean', default: false },
} as const

await runCommand({ usage, options, allowPositionals: true }, async (values, positionals) => {
  if (positionals.length === 0) throw new UsageError('name a FILE')
  const { author, site, follow = false, private: includePrivate = false } = values
  if (site !== undefined && !/^https?:$/.test(URL.parse(site)?.protocol ?? '')) {
    throw new UsageError('--site must be an http or https URL')
  }
  const paths = positionals.map((path) => resolve(path))
  for (const path of paths) {
    if (!(await stat(path).catch(() => undefined)))
      throw new InputFileError(`${path}: there is no such file or folder.`)
  }
  const given = { follow, includePrivate, ...(author && { author }), ...(site && { siteUrl: site }) }
  const out = process.stderr
  const { EXTROPY_KEY: key, EXTROPY_URL: url = 'http://127.0.0.1:8000' } = process.env
  const reports = key
    ? await uploadImport(paths, { ...given, url: url.replace(/\/$/, ''), key, out })
    : await importLocally(paths, { ...given, out })
  let failed = false
  for (const { path, error, report } of reports) {
    process.stdout.write(`${path}: ${report === null ? error : describe(report)}\n`)
    for (const problem of report?.problems ?? []) process.stdout.write(`  ${problem}\n`)
    failed ||= report === null || report.problemCount > 0
  }
  return failed ? 1 : 0
})

function describe(report: ImportReport): string {
  const leftOut = Object.entries(report.skipped).filter(([reason]) => reason !== 'not-content')
  const { found, added, known, refused } = report.feeds
  return [
    `${report.new} new, ${report.changed} changed, ${report.unchanged} unchanged`,
    leftOut.length === 0 ? [] : `left out: ${leftOut.map(([reason, count]) => `${count} ${reason}`).join(', ')}`,
    found === 0
      ? []
      : `${found} feeds${added + known + refused > 0 ? `, ${added} followed from now on` : ': --follow keeps up with them'}`,
    report.problemCount === 0 ? [] : `${report.problemCount} problems:`,
  ]
    .flat()
    .join('; ')
}
