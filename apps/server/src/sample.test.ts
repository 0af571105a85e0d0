import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { IngestLine } from '@extropy/api/testing'
import { expect, test } from 'vitest'
import { bundledSample } from './sample.ts'

test('the bundled file has 1,046 posts, each of which would be stored as a content of its own', async () => {
  const lines = gunzipSync(await readFile(bundledSample))
    .toString()
    .trim()
    .split('\n')
  const contents = lines.map((line) => IngestLine.parse(JSON.parse(line)))
  expect(new Set(contents.map(({ sourceUrl }) => sourceUrl)).size).toBe(1046)
})
