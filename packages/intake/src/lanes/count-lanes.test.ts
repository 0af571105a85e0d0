import { expect, it } from 'vitest'
import { testHostLanes } from '../testing/host-lanes-contract.ts'
import { countLanes } from './count-lanes.ts'
import { createMemoryLanes } from './memory-lanes.ts'

testHostLanes('that are counted', async () => ({
  lanes: countLanes(createMemoryLanes()),
  close: async () => undefined,
}))

it('count who waits and who is in a lane, whatever becomes of them', async () => {
  const lanes = countLanes(createMemoryLanes())
  const release = await lanes.acquire('a:80', 0)
  const controller = new AbortController()
  const waiting = lanes.acquire('a:80', 0, controller.signal)
  expect(lanes.stats()).toEqual({ waiting: 1, held: 1 })
  controller.abort(new Error('no more'))
  await expect(waiting).rejects.toThrow('no more')
  release()
  release()
  expect(lanes.stats()).toEqual({ waiting: 0, held: 0 })
})
