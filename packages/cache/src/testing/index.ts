export { createFakeClock, type FakeClock } from './fake-clock.ts'
export { createFaultyStore, type FaultyStore } from './faulty-store.ts'
export { createMemoryChannel, type MemoryChannel } from './memory-channel.ts'
export { createMemoryStore, type MemoryStore } from './memory-store.ts'
