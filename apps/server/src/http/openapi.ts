import { type Meta, type Procedure, procedures, type Route } from '@extropy/api'
import { z } from 'zod'
import { linesType } from './send-lines.ts'

type JsonSchema = z.core.JSONSchema.BaseSchema

/** The document's sections, in the order in which people come to need them. */
const tags: Readonly<Record<string, string>> = {
  query: 'Search by meaning and by word, and answers with their sources.',
  contents: 'Posts of authors, as they were ingested.',
  analysis: 'What is seen in contents and across them.',
  subscriptions: 'Questions whose answers are watched: what changes in them is told.',
  webhooks: 'Addresses that are told what happens, and what was sent to them.',
  sources: 'Feeds, sites, channels and profiles that are kept up with.',
  scrape: 'Taking in a page, a feed or a profile at once.',
  jobs: 'Durable work: how far it is, and what came of it.',
  imports: 'Taking in exports and other archives.',
  archives: 'A whole collection as one file.',
  authors: 'The people who wrote them.',
  cards: 'What users publish about contents.',
  attributions: 'Cards that cite, remix or answer others, and pay for it.',
  tokens: 'Accounts and the ledger.',
  users: 'Accounts of people.',
  keys: 'API keys.',
  patterns: 'What recurs in an author’s posts.',
  researchSessions: 'Questions that a job looks for answers to, and its report.',
  receipts: 'Where an answer’s sentences come from.',
  health: 'For monitors and operators.',
  audit: 'Who changed what.',
}

/** The OpenAPI 3.1 document of the REST routes, from the schemas that check their requests. */
export function openApiDocument(version: string) {
  const schemas: Record<string, unknown> = { Error: withoutDraft(errorSchema) }
  const paths: Record<string, Record<string, unknown>> = {}
  const used = new Set<string>()
  for (const procedure of procedures.values()) {
    used.add(tagOf(procedure))
    for (const [at, route] of procedure.routes.entries()) {
      const own = operation(procedure, route, { isFirst: at === 0, schemas })
      paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: own }
    }
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Extropy',
      version,
      description:
        'Content intelligence: search by meaning and by word, answers with their sources, cards and a token ledger.',
      license: { name: 'MIT', identifier: 'MIT' },
      contact: { name: 'The Extropy authors' },
    },
    servers: [{ url: '/' }],
    security: [],
    tags: Object.entries(tags)
      .filter(([name]) => used.has(name))
      .map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas,
      headers,
      responses: errorResponses,
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: 'An API key, extro_live_…' } },
    },
  }
}

const tagOf = ({ path }: Procedure) => path.slice(0, path.indexOf('.'))

interface Place {
  readonly isFirst: boolean
  /** Receives the schemas that have a name. */
  readonly schemas: Record<string, unknown>
}

function operation(procedure: Procedure, { method, keys: inPath }: Route, { isFirst, schemas }: Place) {
  const { path, type, meta, input, output } = procedure
  const schema = input && documented(inputSchema(input))
  const required = new Set(schema?.required)
  const example: Readonly<Record<string, unknown>> = meta.example ?? {}
  const isInUrl = method === 'GET' || method === 'DELETE' || meta.receives !== undefined
  const parameters = Object.entries(schema?.properties ?? {})
    .filter(([name]) => isInUrl || inPath.includes(name))
    .map(([name, property]) => ({
      name,
      in: inPath.includes(name) ? 'path' : 'query',
      required: inPath.includes(name) || required.has(name),
      ...described(property),
      ...(name in example ? { example: example[name] } : {}),
    }))
  const summary = meta.summary.replace(/\.$/, '')
  return {
    operationId: camelCase(isFirst ? path : `${path}.by.${method.toLowerCase()}`),
    tags: [tagOf(procedure)],
    summary: summary.length <= 80 ? summary : `${summary.slice(0, summary.lastIndexOf(' ', 78))} …`,
    description: meta.summary,
    security: securityOf(procedure),
    ...(parameters.length > 0 || meta.movesMoney
      ? { parameters: meta.movesMoney ? [...parameters, idempotencyKey] : parameters }
      : {}),
    ...(meta.receives ? fileBody : requestBody(method, schema, inPath, example)),
    responses: {
      [meta.receives ? 202 : 200]: {
        description: meta.receives ? 'The job that works on it, which Location names' : 'The answer',
        headers: headersOf(procedure, type === 'query' && meta.streams === undefined),
        content: answerContent(meta, output, schemas),
      },
      ...errorsOf(procedure),
    },
  }
}

/** A procedure that shows more to a key's user takes a key, and needs none. */
function securityOf({ meta }: Procedure) {
  if (meta.access?.scope !== 'none') return [{ apiKey: [] }]
  return meta.access.reach === 'everyone' ? [] : [{}, { apiKey: [] }]
}

function camelCase(path: string): string {
  return path.replace(/\.(\w)/g, (_, letter: string) => letter.toUpperCase())
}

/** A parameter's own description stands beside its schema. */
function described(property: unknown) {
  const { description, ...schema } = property as { description?: string }
  return description === undefined ? { schema } : { description, schema }
}

function answerContent({ streams, streamedAs }: Meta, output: z.ZodType | undefined, schemas: Record<string, unknown>) {
  if (streams) {
    const type = streamedAs === 'lines' ? linesType : 'text/event-stream'
    return { [type]: { schema: named(streams, schemas) } }
  }
  return json(output ? named(output, schemas) : {})
}

/** The schema, with those of its parts that have an id moved to where all operations share them. */
function named(type: z.ZodType, schemas: Record<string, unknown>): unknown {
  const { $defs = {}, ...schema } = withoutDraft(z.toJSONSchema(type, { io: 'output' })) as {
    $defs?: Record<string, unknown>
  }
  const moved = (part: unknown): unknown =>
    JSON.parse(JSON.stringify(part).replaceAll('"$ref":"#/$defs/', '"$ref":"#/components/schemas/'))
  for (const [name, part] of Object.entries($defs)) schemas[name] = withoutId(moved(part))
  const { id, ...whole } = moved(schema) as { id?: string }
  if (id === undefined) return whole
  schemas[id] = whole
  return { $ref: `#/components/schemas/${id}` }
}

function withoutId(schema: unknown): unknown {
  const { id: _, ...rest } = schema as { id?: string }
  return rest
}

function withoutDraft(schema: object): object {
  const { $schema: _, ...rest } = schema as { $schema?: string }
  return rest
}

const text = (description: string) => ({ description, schema: { type: 'string' } })
const headers = {
  'X-Request-Id': text('Also in the log, and in errors'),
  'X-Cache': text('HIT, MISS, STALE or BYPASS'),
  'X-Cache-Cause': text('Why'),
  ETag: text('Of this very answer: If-None-Match gets 304 while it stands'),
  Age: { description: 'Seconds since the answer was made', schema: { type: 'integer' } },
  RateLimit: text('What is left: `"hour";r=999;t=1800`'),
  'RateLimit-Policy': text('The limit: `"hour";q=1000;w=3600`'),
  'Retry-After': { description: 'Seconds', schema: { type: 'integer' } },
}

const ref = (name: keyof typeof headers) => [name, { $ref: `#/components/headers/${name}` }] as const

function headersOf({ path }: Procedure, isCached: boolean) {
  const limited = path.startsWith('health.') ? [] : [ref('RateLimit'), ref('RateLimit-Policy')]
  const cached = isCached ? [ref('X-Cache'), ref('X-Cache-Cause'), ref('ETag'), ref('Age')] : []
  return Object.fromEntries([ref('X-Request-Id'), ...limited, ...cached])
}

const errors = {
  400: ['BadRequest', 'invalid_input, invalid_cursor: the message names the field'],
  401: ['Unauthorized', 'unauthenticated: the key is missing, unknown, revoked or expired'],
  403: ['Forbidden', 'forbidden: the key may not do this'],
  404: ['NotFound', 'not_found'],
  409: ['Conflict', 'conflict, idempotency_key_reused'],
  413: ['TooLarge', 'too_large'],
  422: ['Unprocessable', 'insufficient_balance'],
  429: ['TooManyRequests', 'rate_limited'],
  503: ['Unavailable', 'database_unavailable, database_busy, not_ready, overloaded and others: try again later'],
  504: ['Timeout', 'deadline_exceeded'],
} as const

const errorContent = json({ $ref: '#/components/schemas/Error' })
const errorResponses = Object.fromEntries(
  Object.entries(errors).map(([status, [name, description]]) => {
    const later = status === '429' || status === '503' ? [ref('Retry-After')] : []
    return [name, { description, headers: Object.fromEntries([ref('X-Request-Id'), ...later]), content: errorContent }]
  }),
)

/** The errors that a caller can meet, by status. */
function errorsOf({ path, type, input, meta, routes }: Procedure) {
  const isOpen = meta.access?.scope === 'none'
  const namesRow = routes.some(({ keys }) => keys.length > 0)
  const statuses: (keyof typeof errors)[] = [
    ...(input || type === 'mutation' ? ([400] as const) : []),
    401,
    ...(isOpen ? [] : ([403] as const)),
    ...(namesRow || type === 'mutation' ? ([404] as const) : []),
    ...(type === 'mutation' ? ([409] as const) : []),
    ...(meta.receives ? ([413] as const) : []),
    ...(meta.movesMoney ? ([422] as const) : []),
    ...(path.startsWith('health.') ? [] : ([429] as const)),
    503,
    504,
  ]
  return Object.fromEntries(statuses.map((status) => [status, { $ref: `#/components/responses/${errors[status][0]}` }]))
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Retrying the same request with the same key has no further effect and gets the same answer',
  schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,200}$' },
}

/** As it is, whatever its type; browsers send it in a form. */
const fileBody = {
  requestBody: {
    required: true,
    content: {
      'application/octet-stream': { schema: { type: 'string', contentMediaType: 'application/octet-stream' } },
      'multipart/form-data': {
        schema: {
          type: 'object',
          properties: { file: { type: 'string', contentMediaType: 'application/octet-stream' } },
          required: ['file'],
        },
      },
    },
  },
}

/** The input without the path's parameters. */
function requestBody(
  method: string,
  schema: JsonSchema | undefined,
  inPath: readonly string[],
  example: Readonly<Record<string, unknown>>,
) {
  const isInBody = ([name]: readonly [string, unknown]) => !inPath.includes(name)
  const properties = Object.fromEntries(Object.entries(schema?.properties ?? {}).filter(isInBody))
  if ((method !== 'POST' && method !== 'PATCH') || Object.keys(properties).length === 0) return {}
  const required = schema?.required?.filter((name) => !inPath.includes(name)) ?? []
  const body = { ...schema, properties, ...(required.length > 0 ? { required } : {}) }
  if (required.length === 0) delete body.required
  const given = Object.fromEntries(Object.entries(example).filter(isInBody))
  return {
    requestBody: {
      required: required.length > 0,
      content: { 'application/json': { schema: body, example: given } },
    },
  }
}

/** The schema of an input before it is parsed: a key with a default is optional. */
export function inputSchema(input: z.ZodType): JsonSchema {
  const { $schema, default: whole, ...schema } = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' })
  return schema
}

/** Without what is taken, and not shown: other names of keys, and patterns of dates, which no reader and no generator can use. */
function documented(schema: JsonSchema): JsonSchema {
  const shown = Object.entries(schema.properties ?? {}).filter(([, property]) => !(property as Hidden).hidden)
  const properties = Object.fromEntries(shown.map(([name, property]) => [name, withoutDatePattern(property)]))
  return { ...schema, properties } as JsonSchema
}

interface Hidden {
  readonly hidden?: boolean
}

function withoutDatePattern(property: unknown): unknown {
  const { pattern, format, ...schema } = property as { pattern?: string; format?: string }
  if (format !== undefined && /^date/.test(format)) return { ...schema, format }
  return property
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
