import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, test } from 'vitest'
import { procedures } from '../testing/procedures.ts'
import { openApiDocument } from './openapi.ts'

test('the document is valid OpenAPI 3.1, and has every route of every procedure', async () => {
  const document = openApiDocument('0.0.0')
  const result = await new Validator().validate(structuredClone(document))
  expect(result).toMatchObject({ valid: true })
  expect(document.openapi).toMatch(/^3\.1\./)
  const routes = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  )
  expect(routes.sort()).toEqual(procedures.flatMap(({ meta }) => [...meta.rest]).sort())
})

test('the validation rejects an invalid document', async () => {
  const { paths: _, ...document } = openApiDocument('0.0.0')
  const result = await new Validator().validate({ ...document, paths: { '/x': { get: { responses: 'none' } } } })
  expect(result.valid).toBe(false)
})

test('every field in a path refuses text that a URL would read as path', () => {
  const fields = procedures.flatMap(({ path, routes, input }) =>
    routes
      .flatMap(({ keys }) => keys)
      .map((key) => {
        const isRefused = (text: string) =>
          input?.safeParse({ [key]: text }).error?.issues.some((issue) => issue.path[0] === key) === true
        return [`${path}.${key}`, isRefused] as const
      }),
  )
  expect(fields.map(([name]) => name)).toContain('users.byUsername.username')
  for (const [name, isRefused] of fields) {
    const taken = ['', '.', '..', 'a/b', 'a?b', 'a#b', '%2e%2e'].filter((text) => !isRefused(text))
    expect([name, taken]).toEqual([name, []])
  }
})
