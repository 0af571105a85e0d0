import type { HttpRequest } from './http-request.ts'

/**
 * The Lua program that wrk runs. One request is handed to wrk as it is: calling Lua for each costs it a tenth of its
 * speed. Several are written out beforehand and picked at random, the same ones in every run.
 */
export function wrkScript(baseUrl: string, requests: readonly HttpRequest[]): string {
  const [only, ...others] = requests
  if (only === undefined) throw new Error('there are no requests to send')
  return `${others.length === 0 ? constant(only) : picked(baseUrl, requests)}
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format('RESULT {"requests":%d,"seconds":%f,"p50Ms":%f,"p99Ms":%f,"failed":%d}\\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    e.connect + e.read + e.write + e.timeout + e.status))
end
`
}

function constant({ method = 'GET', headers = {}, body }: HttpRequest): string {
  const lines = Object.entries(headers).map(([name, value]) => `wrk.headers[${quote(name)}] = ${quote(value)}`)
  if (body !== undefined) lines.push(`wrk.body = ${quote(body)}`)
  return [`wrk.method = ${quote(method)}`, ...lines].join('\n')
}

function picked(baseUrl: string, requests: readonly HttpRequest[]): string {
  const { host } = new URL(baseUrl)
  return `math.randomseed(1)
local requests = {
${requests.map((request) => `  ${quote(onTheWire(host, request))},`).join('\n')}
}
local count = #requests
request = function() return requests[math.random(count)] end`
}

function onTheWire(host: string, { method = 'GET', path, headers = {}, body }: HttpRequest): string {
  const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }
  const lines = Object.entries({ Host: host, ...headers, ...length }).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body ?? ''}`
}

/** ASCII alone: JSON's escapes of quotes, backslashes and line ends are Lua's too. */
const quote = (text: string): string => JSON.stringify(text)
