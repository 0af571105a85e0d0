import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const times: readonly (readonly [text: string, time: string | null])[] = [
  ['2024-03-05', '2024-03-05T00:00:00.000Z'],
  ['2024-3-5', '2024-03-05T00:00:00.000Z'],
  ['2024-03-05 10:00', '2024-03-05T10:00:00.000Z'],
  ['2024-03-05T10:00:00.5', '2024-03-05T10:00:00.500Z'],
  ['2024-03-05 10:00 +0200', '2024-03-05T08:00:00.000Z'],
  ['2024-03-05T10:00:00-0500', '2024-03-05T15:00:00.000Z'],
  ['03/04/2024 10:00', '2024-03-04T10:00:00.000Z'],
  ['03/04/2024 10:00 PM', '2024-03-04T22:00:00.000Z'],
  ['05-Mar-2024 10:00', '2024-03-05T10:00:00.000Z'],
  ['March 5, 2024', '2024-03-05T00:00:00.000Z'],
  ['Tuesday, March 5, 2024 10:00 am (EST)', '2024-03-05T10:00:00.000Z'],
  ['Tue, 05 Mar 2024 10:00:00', '2024-03-05T10:00:00.000Z'],
  ['Tue, 05 Mar 2024 10:00:00 PST', '2024-03-05T18:00:00.000Z'],
  ['Tue, 05 Mar 2024 10:00:00 +0200', '2024-03-05T08:00:00.000Z'],
  ['Tue Mar 05 2024 10:00:00 GMT+0200 (CEST)', '2024-03-05T08:00:00.000Z'],
  ['Tue, 05 Mar 2024 10:00:00 Z', '2024-03-05T10:00:00.000Z'],
  ['yesterday', null],
]

test.each(['UTC', 'America/Los_Angeles', 'Asia/Kolkata'])(
  'a time is the same where the server’s zone is %s',
  async (TZ) => {
    const { href } = new URL('./parse-time.ts', import.meta.url)
    const texts = JSON.stringify(times.map(([text]) => text))
    const script = `const { parseTime } = await import(${JSON.stringify(href)})
    process.stdout.write(JSON.stringify(${texts}.map((text) => new Date(parseTime(text)))))`
    const child = ['--input-type=module', '--eval', script]
    const { stdout } = await promisify(execFile)(process.execPath, child, { env: { ...process.env, TZ } })
    expect(JSON.parse(stdout)).toEqual(times.map(([, time]) => time))
  },
)
