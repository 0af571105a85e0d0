import type { TestProject } from 'vitest/node'
import { createTemplate, removeTemplate } from '../../packages/db/src/testing/test-db.ts'

/** Makes, once a project, a migrated database, embedded or on TEST_DATABASE_URL's server, for the test files to clone. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const template = await createTemplate(project.name === 'postgres' ? process.env.TEST_DATABASE_URL : undefined)
  project.provide('databaseTemplate', template)
  return () => removeTemplate(template)
}
