export { declaredIndexNames, planOf } from './explain.ts'
export { createTemplate, createTestDatabase, removeTemplate, type Template, type TestDatabase } from './test-db.ts'
