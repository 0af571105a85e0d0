import { defaultCacheSettings } from '@extropy/api/cache-rules'
import { allowPrivateProblem } from '@extropy/intake'
import { z } from 'zod'
import { databaseUrlProblem, isEmbedded } from './database-url.ts'
import { redisUrlProblem } from './redis-url.ts'

/** A whole number within bounds, both included. */
function wholeNumber(min: number, max: number) {
  const values = `${min} to ${max}`
  return z
    .string()
    .regex(/^\d{1,10}$/, `must be a whole number from ${values}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be a whole number from ${values}`)
    .meta({ values })
}

function oneOf<const Values extends readonly [string, ...string[]]>(...values: Values) {
  const [last, ...others] = values.toReversed()
  return z.enum(values, { error: `must be ${others.toReversed().join(', ')} or ${last}` })
}

/** The URL of a model's endpoint. A key in it would go to the log with every failure, and reach no endpoint. */
function endpoint(keyName: string) {
  return z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL, up to and with /v1' })
    .refine((text) => {
      const url = URL.parse(text)
      return url === null || `${url.username}${url.password}${url.search}${url.hash}` === ''
    }, `must have no user, password, ? or #: a key goes into ${keyName}`)
    .optional()
}

/** Of a server, never a folder: a secret in it must not be repeated. */
function serverUrl(url: string, context: z.RefinementCtx): void {
  const isServer = /^postgres(ql)?:\/\//.test(url)
  const message = isServer ? databaseUrlProblem(url) : 'must be postgres://…'
  if (message !== undefined) context.addIssue({ code: 'custom', message })
}

/** What a replica's URL leads to, as far as URLs tell: whoever signs in, and with the port spelt out or not. */
function replicaBehind(url: string): string {
  const parsed = URL.parse(url)
  return parsed === null ? url : `${parsed.host.toLowerCase().replace(/:5432$/, '')}${parsed.pathname}${parsed.search}`
}

/** `/query/rag=60,/api/cards=120`: path prefix to seconds. */
const secondsByPath = z.string().transform((text, context) => {
  const rules = text.split(',').map((rule) => /^\s*(\/[^\s=,]*)=(\d{1,7})\s*$/.exec(rule)?.slice(1) ?? [])
  if (rules.every(([path]) => path !== undefined)) {
    return Object.fromEntries(rules.map(([path = '', seconds]) => [path, Number(seconds)]))
  }
  context.addIssue({ code: 'custom', message: 'must be paths with seconds, such as /query/rag=60,/api/cards=120' })
  return z.NEVER
})

/** What an embedding provider cannot do without. */
const requiredBy = {
  local: [],
  transformers: ['EMBEDDING_MODEL'],
  'openai-compatible': ['EMBEDDING_BASE_URL', 'EMBEDDING_MODEL', 'EMBEDDING_DIMENSION'],
} as const

/** Every setting: its environment variable, default and description. docs/settings.md is generated from here. */
export const Environment = z
  .object({
    HOST: z
      .string()
      .default('127.0.0.1')
      .describe('The address to listen on; `0.0.0.0` to be reached from other machines'),
    PORT: wholeNumber(0, 65_535).default(8000).describe('The port to listen on; `0` takes any free one'),
    DATABASE_URL: z
      .string()
      .refine((url) => databaseUrlProblem(url) === undefined, {
        error: ({ input }) => databaseUrlProblem(String(input)),
      })
      .default('.data/extropy')
      .describe(
        '`postgres://…` for a server; a folder that begins with `/` or `./`, or `memory:`, for the embedded database. With several servers, `postgres://a:5432,b:5432/extropy?target_session_attrs=read-write`, the one that takes writes is found and followed',
      ),
    WEB_APP: oneOf('on', 'off')
      .default('on')
      .describe('`off`: no web app at `/`, which is otherwise built at the start where its sources have changed'),
    WORKERS: z
      .string()
      .regex(/^(auto|[1-9]|[1-5]\d|6[0-4])$/, 'must be auto, or a whole number from 1 to 64')
      .transform((value) => (value === 'auto' ? value : Number(value)))
      .meta({ values: 'auto, 1 to 64' })
      .default(1)
      .describe(
        'Processes that serve on the one port, PostgreSQL only; `auto`: one for each core. Connections and MAX_IN_FLIGHT are shared out among them, the cache is not',
      ),
    REQUEST_TIMEOUT_MS: wholeNumber(100, 600_000)
      .default(30_000)
      .describe('A longer request is answered 504; a body that has not arrived by then, 408'),
    SHUTDOWN_DELAY_MS: wholeNumber(0, 600_000)
      .default(0)
      .describe(
        'Time between SIGTERM, when /health/ready turns to 503, and the closing of the port: longer than a load balancer takes to notice',
      ),
    MAX_IN_FLIGHT: wholeNumber(1, 100_000)
      .default(1000)
      .describe(
        'Requests worked on at once; more are answered 503. A request whose body is still arriving does not count',
      ),
    HTTP_MAX_AGE_SECONDS: wholeNumber(0, 86_400)
      .default(0)
      .describe(
        'Seconds that browsers and CDNs may use a public answer without asking; a write cannot take back their copies',
      ),
    CORS_ORIGINS: z
      .string()
      .transform((list) => list.split(',').map((origin) => origin.trim()))
      .refine(
        (origins) => origins.every((origin) => origin === '*' || URL.parse(origin)?.origin === origin),
        'must be origins such as https://app.example.org, separated by commas, or *',
      )
      .default([])
      .describe('Origins whose pages may read the answers, separated by commas; `*` for all'),
    MCP_HOSTS: z
      .string()
      .transform((list) => list.split(',').map((name) => name.trim().toLowerCase()))
      .refine(
        (names) => names.every((name) => name === '*' || /^[a-z0-9.-]+$/.test(name)),
        'must be host names such as api.example.org, without scheme and port, separated by commas, or *',
      )
      .default([])
      .describe('Names under which /mcp answers, beside localhost and addresses, separated by commas; `*` for all'),
    DATABASE_POOL_SIZE: wholeNumber(0, 1000)
      .optional()
      .describe('Connections kept open. Left out: 20, or DATABASE_POOL_MAX where that is less'),
    DATABASE_POOL_MAX: wholeNumber(1, 1000)
      .default(50)
      .describe('Most connections, in a burst; of all workers together'),
    DATABASE_POOL_MAX_USES: wholeNumber(1, 1_000_000_000)
      .optional()
      .describe('Uses after which a connection is replaced; `1` for a new one each time. Left out: no limit'),
    DATABASE_POOL_WAIT_MS: wholeNumber(1, 600_000)
      .default(30_000)
      .describe('Longest wait of a request for a connection; then it is answered 503'),
    DATABASE_CONNECT_MS: wholeNumber(1, 600_000).default(10_000).describe('Time limit for connecting to the server'),
    DATABASE_CONNECTION_MAX_SECONDS: wholeNumber(1, 10_000_000)
      .default(3600)
      .describe('Age at which a connection is replaced'),
    DATABASE_STATEMENT_TIMEOUT_MS: wholeNumber(1, 3_600_000).default(30_000).describe('Time limit of a statement'),
    DATABASE_PREPARED_STATEMENTS: oneOf('on', 'off')
      .default('on')
      .describe('`off` where statements cannot be prepared by name; connections are not pipelined then'),
    DATABASE_BEHIND_POOLER: oneOf('true', 'false')
      .default('false')
      .transform((value) => value === 'true')
      .describe("`true` behind PgBouncer in transaction mode; `pnpm db:migrate` then needs the server's own address"),
    DATABASE_DIRECT_URL: z
      .string()
      .superRefine(serverUrl)
      .optional()
      .describe(
        "The database server's own address behind a pooler, to hear of changes, to migrate, and for `pnpm db:partitions` and `pnpm db:analyze`. Without it there, no answer is kept",
      ),
    DATABASE_REPLICA_URLS: z
      .string()
      .transform((list) => list.split(',').map((url) => url.trim()))
      .superRefine((urls, context) => {
        for (const url of urls) serverUrl(url, context)
        const replicas = urls.map(replicaBehind)
        const again = replicas.findIndex((replica, index) => replicas.indexOf(replica) < index)
        if (again === -1) return
        // By their places: a URL may have a password in it.
        const first = replicas.indexOf(replicas[again] as string)
        const message = `must name each replica once: its URLs ${first + 1} and ${again + 1} lead to the same one`
        context.addIssue({ code: 'custom', message })
      })
      .default([])
      .describe(
        'Standbys of the database that reads go to, separated by commas; each URL leads to one server, or to a pooler before one',
      ),
    REPLICA_MAX_LAG_MS: wholeNumber(1, 3_600_000)
      .default(30_000)
      .describe(
        'A replica that is further behind is not read from until it has caught up; without a primary, reads go on from replicas for so long',
      ),
    MIGRATE_ON_START: oneOf('on', 'off')
      .default('on')
      .describe('`off` where `pnpm db:migrate` is a separate step: the server then leaves tables and indexes alone'),
    CACHE_MAX_ENTRIES: wholeNumber(1, 10_000_000).default(1000).describe('Most answers kept in memory'),
    CACHE_MAX_MB: wholeNumber(1, 100_000).default(64).describe('Most memory for kept answers'),
    CACHE_DEFAULT_TTL: wholeNumber(0, 86_400)
      .default(defaultCacheSettings.defaultTtlSeconds)
      .describe('Seconds that an answer is kept where no rule of CACHE_RULES matches; `0`: not at all'),
    CACHE_RULES: z
      .string()
      .default(
        Object.entries(defaultCacheSettings.rules)
          .map((rule) => rule.join('='))
          .join(),
      )
      .pipe(secondsByPath)
      .describe(
        'Seconds by path prefix of a route, separated by commas; the longest prefix wins, and `0` keeps nothing',
      ),
    CACHE_EXCLUDE: z
      .string()
      .transform((list) => list.split(',').map((path) => path.trim()))
      .refine(
        (paths) => paths.every((path) => /^\/[^\s=]*$/.test(path)),
        'must be paths, such as /api/tokens,/api/audit',
      )
      .default([])
      .describe(
        'Path prefixes of routes whose answers are never kept, separated by commas. Answers under /health never are',
      ),
    CACHE_QUERY_PARAMS: oneOf('on', 'off')
      .default('on')
      .describe(
        '`off`: a GET ignores parameters that its route does not know, such as `utm_source`, instead of refusing them',
      ),
    REDIS_URL: z
      .string()
      .refine((url) => redisUrlProblem(url) === undefined, { error: ({ input }) => redisUrlProblem(String(input)) })
      .optional()
      .describe(
        '`redis://…`: answers and rate limits shared by all servers; without it each has answers of its own, and PostgreSQL counts the limits. One server, or the address that leads to a primary: no Sentinels, no Cluster',
      ),
    RATE_LIMIT_ANONYMOUS_PER_HOUR: wholeNumber(1, 1_000_000_000)
      .default(10_000)
      .describe('Requests an hour without a key, for each address'),
    CARD_REWARDS_PER_DAY: wholeNumber(0, 1_000_000_000)
      .default(100)
      .describe('Cards of one user that earn a token within 24 hours; more are published without one'),
    TRUSTED_PROXIES: wholeNumber(0, 10)
      .default(0)
      .describe(
        'Number of your proxies in front of the server: that many trailing entries of X-Forwarded-For are trusted',
      ),
    AUDIT_KEEP_MONTHS: wholeNumber(0, 1200)
      .default(36)
      .describe(
        'Whole months of the audit log that `pnpm db:partitions` leaves where they are read, beside the current one; older ones go into the archive. `0`: all',
      ),
    FETCHES_KEEP_MONTHS: wholeNumber(0, 1200)
      .default(12)
      .describe('The same for the log of fetches. The ledger stays whole, unless `--detach-before` names a month'),
    JOBS: oneOf('on', 'off').default('on').describe('`off`: this server runs no jobs; `pnpm worker` does'),
    JOBS_CONCURRENCY: wholeNumber(1, 1000).default(10).describe('Most jobs that a server or worker runs at once'),
    IMPORT_DIR: z
      .string()
      .min(1)
      .optional()
      .describe(
        'A folder where uploaded archives wait for their import; several servers and workers must share it. Left out: beside the embedded database, or in the folder for temporary files',
      ),
    USER_AGENT_CONTACT: z
      .string()
      .max(200)
      .regex(/^[\x21-\x7e]+$/, 'must be a web or mail address, without spaces')
      .optional()
      .describe('Told to every server that is asked for something: where its operator can write to you'),
    FETCH_ALLOW_PRIVATE: z
      .string()
      .transform((list) => list.split(',').map((host) => host.trim()))
      .superRefine((hosts, context) => {
        for (const host of hosts) {
          const problem = allowPrivateProblem(host)
          if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
        }
      })
      .default([])
      .describe(
        'Hosts, or host:port, that may be fetched from though they are at home, separated by commas, such as `nas.local,127.0.0.1:8080`',
      ),
    SNAPSHOT_MAX_BYTES: wholeNumber(0, 10_000_000)
      .default(1_000_000)
      .describe(
        'Of the pages and feed entries that contents are read from, the largest that is kept as it came; 0: none',
      ),
    TWITTER_BEARER_TOKEN: z.string().min(1).optional().describe("Of X's API: the posts of a profile; it costs"),
    REDDIT_CLIENT_ID: z
      .string()
      .min(1)
      .optional()
      .describe("Of your own client at Reddit: scores, and Reddit's own pace"),
    REDDIT_CLIENT_SECRET: z.string().min(1).optional().describe("The client's secret"),
    LOAD_SAMPLE: oneOf('auto', 'always', 'never')
      .default('auto')
      .describe('When the sample is loaded at start; `auto`: only into a new embedded database'),
    SAMPLE_FILE: z.string().min(1).optional().describe('JSON Lines of your own instead of the bundled posts'),
    EMBEDDING_PROVIDER: oneOf('local', 'transformers', 'openai-compatible')
      .default('local')
      .describe(
        '`local` is all-MiniLM-L6-v2; `transformers` needs a folder, or a name on a hub, as the model; `openai-compatible` (OpenAI, Ollama, vLLM, …) needs the base URL, the model and the dimension',
      ),
    EMBEDDING_BASE_URL: endpoint('EMBEDDING_API_KEY').describe(
      'Base URL of the embedding endpoint, for example `http://localhost:11434/v1`',
    ),
    EMBEDDING_API_KEY: z.string().optional().describe('Sent to the embedding endpoint as a bearer token'),
    EMBEDDING_MODEL: z
      .string()
      .optional()
      .describe(
        'Name of the embedding model, for example `nomic-embed-text`; with `transformers` a folder with `onnx/model.onnx` (or `model.onnx`) and `tokenizer.json`, or the name of such a repository on the hub, for example `sentence-transformers/all-MiniLM-L12-v2`',
      ),
    EMBEDDING_REVISION: z
      .string()
      .regex(/^[\w][\w./-]*$/, 'must be a commit, a tag or a branch')
      .default('main')
      .describe('With a model from the hub: its commit, tag or branch; what a branch was at the first download stays'),
    EMBEDDING_HUB_URL: z
      .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
      .default('https://huggingface.co')
      .describe('Where `transformers` downloads a model from: a mirror has its own address'),
    MODEL_CACHE_DIR: z.string().min(1).default('.data/models').describe('Folder for models that were downloaded'),
    EMBEDDING_DIMENSION: z
      .string()
      .regex(/^\d+$/, 'must be a whole number')
      .transform(Number)
      .refine(
        (dimension) => dimension >= 1 && dimension <= 4000,
        'must be from 1 to 4000, the most that pgvector can index as halfvec',
      )
      .meta({ values: '1 to 4000' })
      .optional()
      .describe("Dimension of the model's vectors, for example `768`"),
    LLM_BASE_URL: endpoint('LLM_API_KEY').describe(
      'An OpenAI-compatible endpoint that writes the answers of /query/answer. Left out: they are extracted',
    ),
    LLM_API_KEY: z.string().optional().describe('Sent to the language model as a bearer token'),
    LLM_MODEL: z.string().optional().describe('Required with LLM_BASE_URL'),
    LLM_MAX_OUTPUT_TOKENS: wholeNumber(1, 1_000_000)
      .default(2000)
      .describe(
        'Longest output of the language model for an answer, reasoning included: a reasoning model may need more',
      ),
    ANALYSIS_LLM_TOKENS_PER_DAY: wholeNumber(0, 1_000_000_000)
      .default(200_000)
      .describe(
        'Tokens of the language model that all servers on the database together spend within 24 hours on second opinions of contents that it analyses, some 2,000 each; 0: none are asked for',
      ),
    OTEL_EXPORTER_OTLP_ENDPOINT: z
      .url({ protocol: /^https?$/, error: 'must be an http or https URL; /v1/traces is added' })
      .optional()
      .describe('An OpenTelemetry collector; traces go to its `/v1/traces`'),
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z
      .url({ protocol: /^https?$/, error: 'must be an http or https URL, up to and with /v1/traces' })
      .optional()
      .describe('The whole URL for traces; wins over OTEL_EXPORTER_OTLP_ENDPOINT'),
    OTEL_SERVICE_NAME: z.string().default('extropy').describe('The name on the traces'),
    OTEL_TRACES_SAMPLER_ARG: z
      .string()
      .regex(/^(0(\.\d+)?|1(\.0+)?)$/, 'must be a share from 0 to 1')
      .transform(Number)
      .meta({ values: '0 to 1' })
      .default(1)
      .describe('Share of requests that are traced'),
    LOG_LEVEL: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'silent')
      .default('info')
      .describe('The least severe level that is logged'),
  })
  .superRefine((env, context) => {
    if (env.WORKERS !== 'auto' && env.WORKERS > 1 && isEmbedded(env.DATABASE_URL)) {
      context.addIssue({
        code: 'custom',
        path: ['WORKERS'],
        message:
          'must be 1 or auto on the embedded database, which belongs to one process: set DATABASE_URL to postgres://…',
      })
    }
    if (env.DATABASE_POOL_SIZE !== undefined && env.DATABASE_POOL_SIZE > env.DATABASE_POOL_MAX) {
      context.addIssue({
        code: 'custom',
        path: ['DATABASE_POOL_SIZE'],
        message: 'must not be more than DATABASE_POOL_MAX',
      })
    }
    if (env.DATABASE_REPLICA_URLS.length > 0 && !/^postgres(ql)?:/.test(env.DATABASE_URL)) {
      context.addIssue({
        code: 'custom',
        path: ['DATABASE_REPLICA_URLS'],
        message: 'must be left out with the embedded database: it has no replicas',
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
    const { EMBEDDING_PROVIDER: provider } = env
    for (const name of requiredBy[provider]) {
      if (env[name] === undefined) {
        context.addIssue({ code: 'custom', path: [name], message: `is required with EMBEDDING_PROVIDER=${provider}` })
      }
    }
  })

export type Config = Readonly<z.output<typeof Environment>>

/** The URL that traces go to; undefined where no collector is configured. */
export function tracesUrl(config: Config): string | undefined {
  const { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url, OTEL_EXPORTER_OTLP_ENDPOINT: base } = config
  return url ?? (base === undefined ? undefined : `${base.replace(/\/$/, '')}/v1/traces`)
}

/** At least one setting is wrong; the message names each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/**
 * The only reader of the environment. An empty variable counts as unset.
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
