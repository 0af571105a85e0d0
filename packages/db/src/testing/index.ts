export { findDrift } from '../drift.ts'
export { declaredIndexNames, planOf } from './explain.ts'
export { freePort } from './free-port.ts'
export { type Cluster, createCluster, noServersBecause, type PgServer } from './pg-cluster.ts'
export {
  createBlankDatabase,
  createTemplate,
  createTestDatabase,
  createTestFolder,
  removeTemplate,
  type Template,
  type TestDatabase,
} from './test-db.ts'
export { buildVectorIndex } from './vector-index.ts'
