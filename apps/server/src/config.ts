import { z } from 'zod'

/** A whole number within bounds, both included. */
function wholeNumber(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`
  return z
    .string()
    .regex(/^\d{1,10}$/, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message)
}

/** Every setting, its environment variable and its default. The README's table lists them for users. */
const Environment = z
  .object({
    HOST: z.string().default('127.0.0.1'),
    PORT: z
      .string()
      .regex(/^\d{1,5}$/, 'must be a number from 0 to 65535')
      .transform(Number)
      .refine((port) => port <= 65_535, 'must be a number from 0 to 65535')
      .default(8000),
    DATABASE_URL: z
      .string()
      .refine(
        (url) => !/^[a-z][a-z\d+.-]*:\/\//i.test(url) || (/^(postgres(ql)?|file):\/\//.test(url) && URL.canParse(url)),
        'must be postgres://…, a folder, or memory:',
      )
      .default('.data/extropy'),
    REQUEST_TIMEOUT_MS: wholeNumber(100, 600_000).default(30_000),
    MAX_IN_FLIGHT: wholeNumber(1, 100_000).default(1000),
    HTTP_MAX_AGE_SECONDS: wholeNumber(0, 86_400).default(0),
    CORS_ORIGINS: z
      .string()
      .transform((list) => list.split(',').map((origin) => origin.trim()))
      .refine(
        (origins) => origins.every((origin) => origin === '*' || URL.parse(origin)?.origin === origin),
        'must be origins such as https://app.example.org, with commas between, or *',
      )
      .default([]),
    DATABASE_POOL_SIZE: wholeNumber(0, 1000).optional(),
    DATABASE_POOL_MAX: wholeNumber(1, 1000).default(50),
    DATABASE_POOL_MAX_USES: wholeNumber(1, 1_000_000_000).optional(),
    DATABASE_POOL_WAIT_MS: wholeNumber(1, 600_000).default(30_000),
    DATABASE_CONNECT_MS: wholeNumber(1, 600_000).default(10_000),
    DATABASE_CONNECTION_MAX_SECONDS: wholeNumber(1, 10_000_000).default(3600),
    DATABASE_STATEMENT_TIMEOUT_MS: wholeNumber(1, 3_600_000).default(30_000),
    DATABASE_PREPARED_STATEMENTS: z.enum(['on', 'off'], { error: 'must be on or off' }).default('on'),
    DATABASE_BEHIND_POOLER: z
      .enum(['true', 'false'], { error: 'must be true or false' })
      .default('false')
      .transform((value) => value === 'true'),
    MIGRATE_ON_START: z.enum(['on', 'off'], { error: 'must be on or off' }).default('on'),
    CACHE_MAX_ENTRIES: wholeNumber(1, 10_000_000).default(1000),
    CACHE_MAX_MB: wholeNumber(1, 100_000).default(64),
    REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'must be redis://… or rediss://…' }).optional(),
    RATE_LIMIT_ANONYMOUS_PER_HOUR: wholeNumber(1, 1_000_000_000).default(10_000),
    TRUSTED_PROXIES: wholeNumber(0, 10).default(0),
    LOAD_SAMPLE: z.enum(['auto', 'always', 'never'], { error: 'must be auto, always or never' }).default('auto'),
    EMBEDDING_PROVIDER: z
      .enum(['local', 'openai-compatible'], { error: 'must be local or openai-compatible' })
      .default('local'),
    EMBEDDING_BASE_URL: z
      .url({ protocol: /^https?$/, error: 'must be an http or https URL, up to and with /v1' })
      .optional(),
    EMBEDDING_API_KEY: z.string().optional(),
    EMBEDDING_MODEL: z.string().optional(),
    EMBEDDING_DIMENSION: z
      .string()
      .regex(/^\d+$/, 'must be a whole number')
      .transform(Number)
      .refine(
        (dimension) => dimension >= 1 && dimension <= 4000,
        'must be from 1 to 4000, the most that pgvector can index as halfvec',
      )
      .optional(),
    LLM_BASE_URL: z.url({ protocol: /^https?$/, error: 'must be an http or https URL, up to and with /v1' }).optional(),
    LLM_API_KEY: z.string().optional(),
    LLM_MODEL: z.string().optional(),
    MODEL_CACHE_DIR: z.string().default('.data/models'),
    OTEL_EXPORTER_OTLP_ENDPOINT: z
      .url({ protocol: /^https?$/, error: 'must be an http or https URL; /v1/traces is added' })
      .optional(),
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z
      .url({ protocol: /^https?$/, error: 'must be an http or https URL, up to and with /v1/traces' })
      .optional(),
    OTEL_SERVICE_NAME: z.string().default('extropy'),
    OTEL_TRACES_SAMPLER_ARG: z
      .string()
      .regex(/^(0(\.\d+)?|1(\.0+)?)$/, 'must be a share from 0 to 1')
      .transform(Number)
      .default(1),
    LOG_LEVEL: z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent'], {
        error: 'must be fatal, error, warn, info, debug or silent',
      })
      .default('info'),
  })
  .superRefine((env, context) => {
    if (env.DATABASE_POOL_SIZE !== undefined && env.DATABASE_POOL_SIZE > env.DATABASE_POOL_MAX) {
      context.addIssue({
        code: 'custom',
        path: ['DATABASE_POOL_SIZE'],
        message: 'must not be more than DATABASE_POOL_MAX',
      })
    }
    for (const [name, other] of [
      ['LLM_BASE_URL', 'LLM_MODEL'],
      ['LLM_MODEL', 'LLM_BASE_URL'],
    ] as const) {
      if (env[name] === undefined && env[other] !== undefined) {
        context.addIssue({ code: 'custom', path: [name], message: `is required with ${other}` })
      }
    }
    if (env.EMBEDDING_PROVIDER === 'local') return
    for (const name of ['EMBEDDING_BASE_URL', 'EMBEDDING_MODEL', 'EMBEDDING_DIMENSION'] as const) {
      if (env[name] === undefined) {
        context.addIssue({
          code: 'custom',
          path: [name],
          message: 'is required with EMBEDDING_PROVIDER=openai-compatible',
        })
      }
    }
  })

export type Config = Readonly<z.output<typeof Environment>>

/** Where traces go; undefined where nobody takes them. */
export function tracesUrl(config: Config): string | undefined {
  const { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url, OTEL_EXPORTER_OTLP_ENDPOINT: base } = config
  return url ?? (base === undefined ? undefined : `${base.replace(/\/$/, '')}/v1/traces`)
}

/** The settings do not make a server; the message names each at fault. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/**
 * The only reader of the environment. An empty variable counts as one that is not set.
 *
 * @throws ConfigError that lists every problem at once.
 */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const result = Environment.safeParse(set)
  if (result.success) return Object.freeze(result.data)
  const problems = result.error.issues.map((issue) => {
    const name = String(issue.path[0])
    const value = set[name]
    // A secret that is wrong must not end up in a log.
    const given = value === undefined || /KEY|URL|ENDPOINT/.test(name) ? '' : ` (got "${value}")`
    return `  ${name} ${issue.message}${given}`
  })
  throw new ConfigError(
    `The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems.join('\n')}`,
  )
}
