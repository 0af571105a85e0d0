/** A request as the load tools send it: all of it is known before the load begins. */
export interface HttpRequest {
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
}

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

function constant({ headers = {} }: HttpRequest): string {
  return Object.entries(headers)
    .map(([name, value]) => `wrk.headers[${quote(name)}] = ${quote(value)}`)
    .join('\n')
}

function picked(baseUrl: string, requests: readonly HttpRequest[]): string {
  const { host } = new URL(baseUrl)
  const onTheWire = ({ path, headers = {} }: HttpRequest) => {
    const lines = Object.entries({ Host: host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
    return quote(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
  }
  return `math.randomseed(1)
local requests = {
${requests.map((request) => `  ${onTheWire(request)},`).join('\n')}
}
local count = #requests
request = function() return requests[math.random(count)] end`
}

/** ASCII alone: JSON's escapes of quotes, backslashes and line ends are Lua's too. */
const quote = (text: string): string => JSON.stringify(text)
