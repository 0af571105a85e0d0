import { readArchive } from '../read-archive.ts'

/** Reads the archive that it is given, and prints what came and how much memory, in MB, it took at its peak. */
const [path = ''] = process.argv.slice(2)
let items = 0
for await (const event of readArchive(path)) if (event.type === 'item') items++
process.stdout.write(JSON.stringify({ items, peakMb: Math.round(process.resourceUsage().maxRSS / 1000) }))
