import { writeFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { isMainThread } from 'node:worker_threads'

/** Preloaded by `--import`: when the process ends, writes the URLs of all modules that it has loaded to COUNT_MODULES_FILE. */
const { COUNT_MODULES_FILE } = process.env
if (isMainThread && COUNT_MODULES_FILE !== undefined) {
  const urls = new Set<string>()
  registerHooks({
    load(url, context, nextLoad) {
      urls.add(url)
      return nextLoad(url, context)
    },
  })
  process.on('exit', () => writeFileSync(COUNT_MODULES_FILE, [...urls].join('\n')))
}
