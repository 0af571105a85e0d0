import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { endOf } from './end-of.ts'

function playWorker(pid: number | undefined) {
  const worker = Object.assign(new EventEmitter(), { process: { pid } })
  const errors: string[] = []
  return { worker, errors, ended: endOf(worker, ({ message }) => errors.push(message)) }
}

test('the error of a worker that could not be started is its end', async () => {
  const { worker, errors, ended } = playWorker(undefined)
  worker.emit('error', new Error('spawn EAGAIN'))
  expect(await ended).toEqual({ code: null, signal: null, reason: 'spawn EAGAIN' })
  expect(errors).toEqual(['spawn EAGAIN'])
})

test('an error of a worker that runs is told, and its exit is its end', async () => {
  const { worker, errors, ended } = playWorker(7)
  worker.emit('error', new Error('write EPIPE'))
  worker.emit('exit', null, 'SIGKILL')
  // Some come only when it has gone.
  worker.emit('error', new Error('write EPIPE'))
  expect(await ended).toEqual({ code: null, signal: 'SIGKILL' })
  expect(errors).toEqual(['write EPIPE', 'write EPIPE'])
})
