export { IngestLine } from '../ingest/ingest.schema.ts'
export { createAccount, createKeyOf, type TestAccount } from './accounts.ts'
export { measureUntouched, simulateSubscriptions } from './simulate-subscriptions.ts'
export {
  contentLine,
  createFakeEmbedder,
  createTestCaller,
  createTestDeps,
  ingestLines,
  storeLines,
} from './test-deps.ts'
export { createWorld, draftCard, type Example, examples, publishCard, secret, type World } from './world.ts'
