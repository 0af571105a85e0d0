import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DataFolderError, doorFile, isFolderHeld, lockFolder } from './folder-lock.ts'

let folder: string
const children: ChildProcess[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'extropy-lock-'))
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await rm(folder, { recursive: true })
})

/** A process of its own, and where this machine allows it with numbers of its own, as in a container: it is number 1 there. */
const container = { command: 'unshare', args: ['--pid', '--fork', '--mount-proc', '--kill-child'] }
const isContained = spawnSync(container.command, [...container.args, 'true']).status === 0
const ownNumbers = isContained ? [container.command, ...container.args] : []

async function lockElsewhere() {
  const script = `
    const { lockFolder } = await import(${JSON.stringify(new URL('./folder-lock.ts', import.meta.url).href)})
    try { lockFolder(${JSON.stringify(folder)}); process.stdout.write('taken') } catch (error) { process.stdout.write(error.message) }
    setInterval(() => {}, 1000)`
  const [command = '', ...args] = [...ownNumbers, process.execPath, '--input-type=module', '-e', script]
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const [said] = await once(child.stdout, 'data')
  return { child, said: String(said) }
}

test('a folder has one holder at a time, also within a process and by another name; released, it can be taken again', async () => {
  const unlock = lockFolder(folder)
  expect(() => lockFolder(folder)).toThrow(DataFolderError)
  const link = `${folder}.link`
  await symlink(folder, link)
  expect(() => lockFolder(link)).toThrow(/open already/)
  await rm(link)
  expect((await lockElsewhere()).said).toMatch(
    new RegExp(`is open in another process \\(process ${process.pid} on host ${hostname()}, since 20.*Stop it`),
  )
  unlock()
  expect((await lockElsewhere()).said).toBe('taken')
})

test('of processes that start at once, each in its own PID namespace, one gets the folder', async () => {
  const said = await Promise.all(Array.from({ length: 4 }, lockElsewhere))
  expect(said.filter((each) => each.said === 'taken')).toHaveLength(1)
})

test('a process that is killed leaves nothing behind that keeps the next one out', async () => {
  const { child } = await lockElsewhere()
  expect(() => lockFolder(folder)).toThrow(DataFolderError)
  child.kill('SIGKILL')
  await once(child, 'close')
  await writeFile(join(folder, 'holder'), `process ${process.ppid} on host ${hostname()}`)
  lockFolder(folder)()
})

test.each([
  ['nothing', ''],
  ['half of something', '{"pid":'],
  ['zeroes', '\0'.repeat(4096)],
  ['another program’s text', JSON.stringify({ pid: process.ppid, host: hostname() })],
  ['longer than SQLite’s header', 'x'.repeat(10_000)],
])('a lock file that holds %s does not keep the next process out', async (_, text) => {
  await writeFile(join(folder, 'lock'), text)
  const said = await Promise.all(Array.from({ length: 3 }, lockElsewhere))
  expect(said.filter((each) => each.said === 'taken')).toHaveLength(1)
})

test('a folder that cannot be locked says why', async () => {
  await rm(folder, { recursive: true })
  await writeFile(folder, '')
  expect(() => lockFolder(folder)).toThrow(/cannot be locked: unable to open database file/)
})

test('whether a folder is held is told without taking it; whoever takes it removes the door of a killed server', async () => {
  expect(isFolderHeld(folder)).toBe(false)
  const { child } = await lockElsewhere()
  await writeFile(join(folder, doorFile), 'of the one that is killed')
  expect(isFolderHeld(folder)).toBe(true)
  expect(() => lockFolder(folder)).toThrow(DataFolderError)
  expect(existsSync(join(folder, doorFile))).toBe(true)
  child.kill('SIGKILL')
  await once(child, 'close')
  expect(isFolderHeld(folder)).toBe(false)
  const unlock = lockFolder(folder)
  expect(isFolderHeld(folder)).toBe(true)
  expect(existsSync(join(folder, doorFile))).toBe(false)
  unlock()
})
