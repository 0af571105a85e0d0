import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { BadCallError } from './bench-case.ts'

/** Ends it, and waits until it has ended. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** A Node program of this package; answers with the first message that it sends. */
export async function forkProgram<Message>(
  file: URL,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ child: ChildProcess; message: Message }> {
  const child = fork(file, args, {
    env: { ...process.env, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const said = lastWords(child)
  const [message] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new BadCallError(`${fileURLToPath(file)} ended before it was ready: ${said()}`)
    }),
  ])
  return { child, message: message as Message }
}

/** Runs a command to its end and returns its output; a failure's error quotes its standard error. */
export async function run(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const said = lastWords(child)
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const [status] = await once(child, 'close')
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${said()}`)
  return output
}

/** The end of a process's standard error. */
export function lastWords(child: ChildProcess): () => string {
  let text = ''
  child.stderr?.setEncoding('utf8').on('data', (more: string) => {
    text = (text + more).slice(-2000)
  })
  return () => text.trim() || 'it said nothing'
}
