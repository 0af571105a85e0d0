import { type Meta, type Procedure, procedures, type Route } from '@extropy/api'
import { z } from 'zod'

type JsonSchema = z.core.JSONSchema.BaseSchema

/** The OpenAPI 3.1 document of the REST routes, from the schemas that check their requests. */
export function openApiDocument(version: string) {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const procedure of procedures.values()) {
    for (const route of procedure.routes) {
      paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(procedure, route) }
    }
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Extropy',
      version,
      description: 'Content intelligence: search by meaning and by word.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: { Error: errorSchema },
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: 'An API key, extro_live_…' } },
    },
  }
}

function operation({ path, meta, input, output }: Procedure, { method, keys: inPath }: Route) {
  const schema = input && inputSchema(input)
  const required = new Set(schema?.required)
  const parameters = Object.entries(schema?.properties ?? {})
    .filter(([name]) => method === 'GET' || method === 'DELETE' || inPath.includes(name))
    .map(([name, property]) => ({
      name,
      in: inPath.includes(name) ? 'path' : 'query',
      required: required.has(name),
      schema: property,
    }))
  return {
    operationId: `${path.replaceAll('.', '_')}_${method.toLowerCase()}`,
    tags: [path.split('.')[0]],
    summary: meta.summary,
    security: meta.access?.scope === 'none' ? [{}, { apiKey: [] }] : [{ apiKey: [] }],
    parameters: meta.movesMoney ? [...parameters, idempotencyKey] : parameters,
    ...requestBody(method, schema, inPath),
    responses: {
      200: { description: 'The answer', content: answerContent(meta, output) },
      default: { description: 'An error', content: json({ $ref: '#/components/schemas/Error' }) },
    },
  }
}

function answerContent({ streams }: Meta, output: z.ZodType | undefined) {
  if (streams) return { 'text/event-stream': { schema: z.toJSONSchema(streams, { io: 'output' }) } }
  return json(output ? z.toJSONSchema(output, { io: 'output' }) : {})
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Retrying the same request with the same key has no further effect and gets the same answer',
  schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,200}$' },
}

/** The input without the path's parameters. */
function requestBody(method: string, schema: JsonSchema | undefined, inPath: readonly string[]) {
  const properties = Object.fromEntries(
    Object.entries(schema?.properties ?? {}).filter(([name]) => !inPath.includes(name)),
  )
  if ((method !== 'POST' && method !== 'PATCH') || Object.keys(properties).length === 0) return {}
  const required = schema?.required?.filter((name) => !inPath.includes(name)) ?? []
  return { requestBody: { required: required.length > 0, content: json({ ...schema, properties, required }) } }
}

/** The schema of an input before it is parsed: a key with a default is optional. */
export function inputSchema(input: z.ZodType): JsonSchema {
  const { $schema, default: whole, ...schema } = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' })
  return schema
}

function json(schema: unknown) {
  return { 'application/json': { schema } }
}

const errorSchema = z.toJSONSchema(
  z.object({
    error: z.object({
      message: z.string().describe('Names the field at fault, where there is one'),
      code: z.number().int().describe('JSON-RPC 2.0 error code'),
      data: z.object({
        code: z.string().describe('BAD_REQUEST, NOT_FOUND, …: one for each HTTP status'),
        httpStatus: z.number().int(),
        reason: z.string().describe('The cause, finer than the status'),
        path: z.string().optional().describe('The procedure'),
        issues: z.array(z.object({ field: z.string(), message: z.string() })),
        requestId: z.string().describe('Also in the X-Request-Id header and in the log'),
      }),
    }),
  }),
)
