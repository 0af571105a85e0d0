/*
 * Runs commands in this one process, one after the other: most of what they load is the same, and takes longer than all
 * else. Takes `[file URL, arguments][]` as JSON; prints each one's status and what it printed.
 */
const ended = new Error('ended')
const [, , given = '[]'] = process.argv
const print = process.stdout.write.bind(process.stdout)
const results: { status: unknown; output: string }[] = []
let output = ''
process.stdout.write = (text: string | Uint8Array) => {
  output += String(text)
  return true
}
process.stderr.write = process.stdout.write
process.exit = () => {
  throw ended
}
for (const [file, args] of JSON.parse(given) as [string, string[]][]) {
  output = ''
  process.argv = [process.execPath, file, ...args]
  await import(`${file}?${results.length}`).catch((error) => {
    if (error !== ended) throw error
  })
  results.push({ status: process.exitCode ?? 0, output })
  process.exitCode = undefined
}
print(JSON.stringify(results))
