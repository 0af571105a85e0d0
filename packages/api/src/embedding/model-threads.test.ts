import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { EmbedderError } from './embedder.ts'
import { createModelThreads } from './model-threads.ts'

const frail = new URL('../testing/frail.worker.ts', import.meta.url)

test.each([false, true])(
  'a thread that is killed fails its call alone, and the next call has a new one (background: %s)',
  async (background) => {
    const threads = createModelThreads(frail, {})
    onTestFinished(() => threads.close())
    expect(await threads.embed(['fine'], { background })).toEqual([Float32Array.of(1, 0)])
    await expect(threads.embed(['fatal'], { background })).rejects.toThrow(EmbedderError)
    expect(await threads.embed(['fine', 'fine'], { background })).toHaveLength(2)
  },
)

const script = `
import { availableParallelism } from 'node:os'
const { createModelThreads } = await import(process.argv[1])
const threads = createModelThreads(new URL(process.argv[2]), {})
const passages = threads.embed(Array(50).fill('a passage'), { background: true })
const question = await threads.embed(['a question'])
console.log(availableParallelism(), question.length, (await passages).length)
await threads.close()`

test.skipIf(!existsSync('/usr/bin/taskset'))('one core is enough for passages and questions at once', async () => {
  const modelThreads = new URL('./model-threads.ts', import.meta.url).href
  const node = [process.execPath, '--input-type=module', '-e', script, modelThreads, frail.href]
  const { stdout } = await promisify(execFile)('/usr/bin/taskset', ['-c', '0', ...node])
  expect(stdout).toBe('1 1 50\n')
})
