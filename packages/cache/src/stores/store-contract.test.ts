import { createRedisStore } from '../redis/index.ts'
import { wireVersion } from '../shared/wire.ts'
import { createFaultyStore } from '../testing/faulty-store.ts'
import { createMemoryStore, type MemoryStore } from '../testing/memory-store.ts'
import { command, deletePrefix, describeRedis, newPrefix } from '../testing/redis-server.ts'
import { testStoreContract } from '../testing/store-contract.ts'

let memory: MemoryStore
const flush = async (): Promise<void> => memory.flush()

testStoreContract('the memory store', {
  create() {
    memory = createMemoryStore()
    return memory
  },
  flush,
})

testStoreContract('a faulty store that is well', {
  create() {
    memory = createMemoryStore()
    return createFaultyStore(memory)
  },
  flush,
})

describeRedis('on a real Redis', (url) => {
  let prefix: string
  testStoreContract('the Redis store', {
    create() {
      prefix = newPrefix()
      return createRedisStore({ url, prefix })
    },
    flush: () => deletePrefix(url, prefix),
    evict: async (part) => void (await command(url, 'DEL', `${prefix}:${wireVersion}:${part}`)),
  })
})
