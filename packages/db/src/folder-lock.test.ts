import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DataFolderInUseError, lockFolder } from './folder-lock.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'extropy-lock-'))
})
afterEach(() => rm(folder, { recursive: true }))

const writeLock = (pid: number, host = hostname()) => writeFile(join(folder, 'lock'), JSON.stringify({ pid, host }))

async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  child.kill('SIGKILL')
  await once(child, 'exit')
  return child.pid as number
}

test('one holder a time, also within a process; given back, it can be taken again', async () => {
  const unlock = await lockFolder(folder)
  await expect(lockFolder(folder)).rejects.toThrow(DataFolderInUseError)
  await unlock()
  await (await lockFolder(folder))()
  expect(await readdir(folder)).toEqual([])
})

test('the lock of a living process holds, and the message says what to do', async () => {
  await writeLock(process.ppid)
  await expect(lockFolder(folder)).rejects.toThrow(`is open in process ${process.ppid}. Stop that process`)
})

test('the lock of another host holds, for nobody can see from here whether its process lives', async () => {
  await writeLock(1, 'elsewhere')
  await expect(lockFolder(folder)).rejects.toThrow(/on the host elsewhere.*delete .*lock/)
})

test('the lock of a process that was killed is taken over; so is one with our own number, from before a restart', async () => {
  for (const pid of [await deadProcess(), process.pid]) {
    await writeLock(pid)
    const unlock = await lockFolder(folder)
    expect(JSON.parse(await readFile(join(folder, 'lock'), 'utf8'))).toEqual({ pid: process.pid, host: hostname() })
    await unlock()
  }
})

test('of several processes at a dead lock, one takes it over', async () => {
  await writeLock(await deadProcess())
  const script = `
    const { lockFolder } = await import(${JSON.stringify(new URL('./folder-lock.ts', import.meta.url).href)})
    await lockFolder(${JSON.stringify(folder)}).then(() => process.stdout.write('taken'), () => process.stdout.write('refused'))
    setTimeout(() => {}, 3000)`
  const said = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const [chunk] = await once(child.stdout, 'data')
      return { child, answer: String(chunk) }
    }),
  )
  for (const { child } of said) child.kill('SIGKILL')
  expect(said.map(({ answer }) => answer).sort()).toEqual(['refused', 'refused', 'refused', 'refused', 'taken'])
})
