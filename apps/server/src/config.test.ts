import { expect, test } from 'vitest'
import { ConfigError, parseConfig, tracesUrl } from './config.ts'
import { databaseOptions } from './database-options.ts'
import { openDeps } from './open-deps.ts'
import { redisUrlProblem } from './redis-url.ts'

test('every setting has a default where its variable is unset or empty', () => {
  const config = parseConfig({ PORT: '', UNRELATED: 'x' })
  expect(config).toMatchObject({
    PORT: 8000,
    HOST: '127.0.0.1',
    DATABASE_URL: '.data/extropy',
    EMBEDDING_PROVIDER: 'local',
  })
  expect(Object.isFrozen(config)).toBe(true)
})

test('a wrong configuration lists every problem at once, by name', () => {
  const parse = () =>
    parseConfig({
      PORT: '80000',
      DATABASE_URL: 'mysql://root:hunter2@localhost/x',
      EMBEDDING_PROVIDER: 'openai-compatible',
      EMBEDDING_DIMENSION: '9000',
      LOG_LEVEL: 'loud',
    })
  expect(parse).toThrow(ConfigError)
  let message = ''
  try {
    parse()
  } catch (error) {
    message = (error as Error).message
  }
  expect(message.split('\n')).toEqual([
    expect.stringMatching(/^The configuration has \d problems:$/),
    '  PORT must be a whole number from 0 to 65535 (got "80000")',
    expect.stringContaining('  DATABASE_URL must be a PostgreSQL server'),
    expect.stringContaining('  EMBEDDING_DIMENSION must be from 1 to 4000'),
    expect.stringContaining('  LOG_LEVEL must be fatal'),
  ])
  expect(message).not.toContain('hunter2')
})

test('the pool has the size in the settings, by default 20 to 50 connections', () => {
  const { pool, behindPooler, statementTimeoutMs } = databaseOptions(parseConfig({}))
  expect(pool).toEqual({ size: 20, maxSize: 50, waitMs: 30_000, connectMs: 10_000, maxLifetimeSeconds: 3600 })
  expect([behindPooler, statementTimeoutMs]).toEqual([false, 30_000])
  const set = { DATABASE_POOL_SIZE: '3', DATABASE_POOL_MAX: '5', DATABASE_POOL_WAIT_MS: '7' }
  expect(databaseOptions(parseConfig({ ...set, DATABASE_BEHIND_POOLER: 'true' }))).toMatchObject({
    behindPooler: true,
    pool: { size: 3, maxSize: 5, waitMs: 7 },
  })
  expect(() => parseConfig({ DATABASE_POOL_SIZE: '-1', DATABASE_BEHIND_POOLER: 'yes' })).toThrow(
    /DATABASE_POOL_SIZE must be.*DATABASE_BEHIND_POOLER must be true or false/s,
  )
})

test('a remote embedder needs its address, its model and its dimension, one in a folder the folder', () => {
  expect(() => parseConfig({ EMBEDDING_PROVIDER: 'openai-compatible' })).toThrow(
    /EMBEDDING_BASE_URL is required.*EMBEDDING_MODEL is required.*EMBEDDING_DIMENSION is required/s,
  )
  expect(() => parseConfig({ EMBEDDING_PROVIDER: 'transformers' })).toThrow(
    /^(?!.*BASE_URL).*EMBEDDING_MODEL is required with EMBEDDING_PROVIDER=transformers/s,
  )
  const remote = { EMBEDDING_BASE_URL: 'http://localhost:11434/v1', EMBEDDING_MODEL: 'm', EMBEDDING_DIMENSION: '768' }
  expect(parseConfig({ EMBEDDING_PROVIDER: 'openai-compatible', ...remote }).EMBEDDING_DIMENSION).toBe(768)
})

test('a model’s URL with a secret in it is refused, without repeating the secret', () => {
  for (const name of ['LLM_BASE_URL', 'EMBEDDING_BASE_URL']) {
    for (const url of [
      'https://u:hunter2@h/v1',
      'https://hunter2@h/v1',
      'https://h/v1?key=hunter2',
      'https://h/v1#hunter2',
    ]) {
      const parse = () => parseConfig({ [name]: url, LLM_MODEL: 'm' })
      expect(parse).toThrow(`${name} must have no user, password, ? or #`)
      expect(parse).not.toThrow(/hunter2/)
    }
    expect(() => parseConfig({ [name]: 'not a URL', LLM_MODEL: 'm' })).toThrow(`${name} must be an http`)
  }
})

test('traces go to the address in OpenTelemetry’s own variables, or nowhere', () => {
  const to = (env: Record<string, string>) => tracesUrl(parseConfig(env))
  expect(to({})).toBeUndefined()
  const base = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' }
  expect(to(base)).toBe('http://collector:4318/v1/traces')
  const own = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces.example.org/in' }
  expect(to({ ...base, ...own })).toBe('https://traces.example.org/in')
  const wrong = () => parseConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: 'grpc://u:hunter2@h', OTEL_TRACES_SAMPLER_ARG: '2' })
  expect(wrong).toThrow(/OTEL_EXPORTER_OTLP_ENDPOINT must be an http.*OTEL_TRACES_SAMPLER_ARG must be a share/s)
  expect(wrong).not.toThrow(/hunter2/)
})

test('DATABASE_POOL_SIZE above DATABASE_POOL_MAX is refused', () => {
  expect(() => parseConfig({ DATABASE_POOL_SIZE: '9', DATABASE_POOL_MAX: '8' })).toThrow(
    /DATABASE_POOL_SIZE must not be more than/,
  )
  expect(parseConfig({ DATABASE_POOL_SIZE: '8', DATABASE_POOL_MAX: '8' }).DATABASE_POOL_SIZE).toBe(8)
  expect(parseConfig({ DATABASE_POOL_MAX: '8' }).DATABASE_POOL_MAX).toBe(8)
})

test('the cache’s settings are parsed, and malformed ones are refused', () => {
  expect(parseConfig({})).toMatchObject({
    CACHE_DEFAULT_TTL: 300,
    CACHE_RULES: {
      '/query/rag': 60,
      '/api/cards': 120,
      '/api/users': 180,
      '/api/attributions': 120,
      '/api/tokens': 60,
    },
    CACHE_EXCLUDE: [],
    CACHE_QUERY_PARAMS: 'on',
  })
  const set = { CACHE_RULES: '/query/rag=5, /api=0', CACHE_EXCLUDE: '/api/tokens, /docs', CACHE_QUERY_PARAMS: 'off' }
  expect(parseConfig(set)).toMatchObject({
    CACHE_RULES: { '/query/rag': 5, '/api': 0 },
    CACHE_EXCLUDE: ['/api/tokens', '/docs'],
    CACHE_QUERY_PARAMS: 'off',
  })
  for (const rules of [
    '/api/cards',
    '/api/cards=',
    'api/cards=1',
    '/api/cards=-1',
    '/api/cards=1.5',
    '/a=1,,',
    '/a=1;/b=2',
  ]) {
    expect(() => parseConfig({ CACHE_RULES: rules })).toThrow(/CACHE_RULES must be paths with seconds, such as/)
  }
  const wrong = { CACHE_DEFAULT_TTL: '5m', CACHE_EXCLUDE: 'tokens', CACHE_QUERY_PARAMS: 'no' }
  expect(() => parseConfig(wrong)).toThrow(
    /CACHE_DEFAULT_TTL must be a whole number.*CACHE_EXCLUDE must be paths.*CACHE_QUERY_PARAMS must be on or off/s,
  )
})

test('a cache rule or an exclusion that matches no route stops the start', async () => {
  for (const wrong of [{ CACHE_RULES: '/api/card=5' }, { CACHE_EXCLUDE: '/docs,/api/token' }]) {
    const start = openDeps(parseConfig({ DATABASE_URL: 'memory:', ...wrong }))
    await expect(start).rejects.toThrow(/^CACHE_\w+: \/api\/(card|token) is not a route: docs\/api.md lists them$/)
  }
})

test.each([
  [
    'redis+sentinel://a:26379,b:26379/mymaster',
    /^must lead to one server: give the address of the primary.*, not Sentinels/,
  ],
  ['redis://a:26379?sentinelMasterId=mymaster', /not Sentinels/],
  ['redis://a:6379,b:6379', /must lead to one server: .*, not a list/],
  ['rediss+cluster://a:6379', /must lead to one server: Redis Cluster/],
  ['http://a', /must be redis:\/\/… or rediss:\/\/…/],
  ['redis://:a/b#c@h', /percent-encoded/],
  ['redis://:50%off@h', /percent-encoded/],
  ['redis://h:99999', /must be redis:.*host:6379/],
  ['redis:h', /must be redis:\/\/… or rediss:\/\/…/],
  ['redis://h/abc', /must end with its host, or with the number/],
  ['redis://h/-1', /must end with its host, or with the number/],
  ['redis://h/0/1', /must end with its host, or with the number/],
])('REDIS_URL %s is refused with what to give instead', (url, problem) => {
  expect(redisUrlProblem(url)).toMatch(problem)
  expect(() => parseConfig({ REDIS_URL: url })).toThrow(ConfigError)
})

test.each(['redis://h', 'redis://h/', 'rediss://u:p@h:6380/2', 'redis://[::1]:6379', 'redis://:p%2Cq@h'])(
  'REDIS_URL names a server: %s',
  (url) => {
    expect(parseConfig({ REDIS_URL: url }).REDIS_URL).toBe(url)
  },
)

test.each([
  'postgres://h/db',
  'postgresql://u:p@h:5432/db?sslmode=require',
  'postgres:///db?host=/run/pg',
  'memory:',
  '.data/x',
  '../x',
  '/srv/x',
  'file:./x',
  'file:///srv/x',
])('DATABASE_URL names a database: %s', (url) => {
  expect(parseConfig({ DATABASE_URL: url }).DATABASE_URL).toBe(url)
})

test.each([
  ['localhost:5432/extropy', 'names a server without postgres://'],
  ['db.example.org:5432', 'names a server without postgres://'],
  ['user:hunter2@db/extropy', 'names a server without postgres://'],
  ['postgres:/user:hunter2@db/extropy', 'must begin with postgres://'],
  ['POSTGRES://db/extropy', 'must begin with postgres://'],
  ['host=db dbname=extropy password=hunter2', 'is a list of keywords: write it as postgres://'],
  ['postgres://user:hunter2#@db/extropy', 'percent-encode'],
  ['mysql://root:hunter2@db/x', 'must be a PostgreSQL server'],
  ['"postgres://db/extropy"', 'a folder that begins with / or ./'],
  [' postgres://db/extropy', 'a folder that begins with / or ./'],
  ['localhost', 'a folder that begins with / or ./'],
  ['~/extropy', 'a folder that begins with / or ./'],
  [':memory:', 'must be postgres://…, memory:'],
])('DATABASE_URL names no database and is refused: %s', (url, why) => {
  const parse = () => parseConfig({ DATABASE_URL: url })
  expect(parse).toThrow(/ {2}DATABASE_URL /)
  expect(parse).toThrow(why)
  expect(parse).not.toThrow(/hunter2/)
})

test.each([
  ['postgres://u:hunter2@a/db,postgres://b/db,postgres://u:hunter2@a/db', '1 and 3'],
  ['postgres://b/db, postgres://u:hunter2@a/db, postgresql://v@A:5432/db', '2 and 3'],
])('DATABASE_REPLICA_URLS that name one replica twice are refused: %s', (urls, places) => {
  const parse = () => parseConfig({ DATABASE_URL: 'postgres://p/db', DATABASE_REPLICA_URLS: urls })
  expect(parse).toThrow(`  DATABASE_REPLICA_URLS must name each replica once: its URLs ${places} lead to the same one`)
  expect(parse).not.toThrow(/hunter2/)
})

test.each([
  'postgres://a/db,postgres://b/db',
  'postgres://a/db,postgres://a:5433/db',
  'postgres:///db?host=/run/a,postgres:///db?host=/run/b',
])('DATABASE_REPLICA_URLS name several replicas: %s', (urls) => {
  const config = parseConfig({ DATABASE_URL: 'postgres://p/db', DATABASE_REPLICA_URLS: urls })
  expect(config.DATABASE_REPLICA_URLS).toEqual(urls.split(','))
})
