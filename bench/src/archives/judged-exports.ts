import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { z } from 'zod'

const Texts = z.array(z.string())

/** Only what is settled; all else is free. */
const Expected = z.object({
  kind: z.string(),
  id: z.string().optional(),
  file: z.string().optional(),
  url: z.string().optional(),
  feed_url: z.string().optional(),
  site_url: z.string().optional(),
  title: z.string().optional(),
  subtitle: z.string().optional(),
  summary: z.string().optional(),
  slug: z.string().optional(),
  date: z.string().optional(),
  author: z.string().optional(),
  tags: Texts.optional(),
  folder: Texts.optional(),
  archived: z.boolean().optional(),
  starred: z.boolean().optional(),
  audience: z.string().optional(),
  reply_to: z.string().optional(),
  link: z.string().optional(),
  text: z.string().optional(),
  text_has: Texts.optional(),
  text_not: Texts.optional(),
  likes: z.number().optional(),
  reposts: z.number().optional(),
  cues: z.number().optional(),
  cues_min: z.number().optional(),
  first_start_s: z.number().optional(),
  last_start_s: z.number().optional(),
  duration_s: z.number().optional(),
  lang: z.string().optional(),
})
export type Expected = z.output<typeof Expected>

const JudgedExport = z.object({
  id: z.string(),
  platform: z.string(),
  kind: z.enum(['good', 'broken']),
  must: z.enum(['import', 'report', 'reject']),
  files: Texts,
  expect: z.array(Expected),
  never: Texts.optional(),
})
export type JudgedExport = z.output<typeof JudgedExport>

/** `archives.jsonl.gz` of a folder that has each export's files under `files/ID/`. */
export function readJudgedExports(folder: string): JudgedExport[] {
  return gunzipSync(readFileSync(join(folder, 'archives.jsonl.gz')))
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JudgedExport.parse(JSON.parse(line)))
}
