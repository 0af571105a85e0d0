import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip, zstdCompress } from 'node:zlib'
import type { Route } from './loopback-site.ts'

/** What a hostile or broken server does. Made once; the bombs take about a second. */
export async function createHostileRoutes({ bombBytes = 200 * 1024 ** 2 } = {}): Promise<Record<string, Route>> {
  const zeros = Buffer.alloc(bombBytes)
  const [gz, br, zst] = await Promise.all([
    promisify(gzip)(zeros),
    promisify(brotliCompress)(zeros, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
    promisify(zstdCompress)(zeros),
  ])
  const packed = (encoding: string, body: Uint8Array): Route => ({ headers: { 'content-encoding': encoding }, body })
  return {
    '/bomb/gzip': packed('gzip', gz),
    '/bomb/br': packed('br', br),
    '/bomb/zstd': packed('zstd', zst),
    '/bomb/double-gzip': packed('gzip, gzip', await promisify(gzip)(gz)),
    '/bomb/many-layers': packed(Array(20).fill('gzip').join(', '), gz),
    '/endless': endless,
    '/drip': drip,
    '/silent': () => undefined,
    '/silent-body': (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).flushHeaders(),
    '/large-length': { headers: { 'content-length': String(10 ** 12) }, body: '' },
    '/large-headers': { headers: { 'x-filler': 'x'.repeat(100 * 1024) }, body: 'body' },
    '/not-gzip': packed('gzip', Buffer.from('<p>plain')),
    '/unknown-encoding': packed('rot13', Buffer.from('<c>')),
    '/inherited-encoding': packed('constructor', Buffer.from('text')),
    '/not-http': (request) => request.socket.end('220 mail.example ESMTP\r\n\r\n'),
    '/hang-up': (request) => request.socket.destroy(),
    '/cut-short': (request) => request.socket.end('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nonly this'),
    '/loop': redirect('/loop'),
    '/ping': redirect('/pong'),
    '/pong': redirect('/ping'),
    '/nowhere': { status: 302 },
    '/to-file': redirect('file:///etc/passwd'),
    '/to-javascript': redirect('javascript:alert(1)'),
  }
}

export function redirect(location: string, status = 302): Route {
  return { status, headers: { location } }
}

function endless(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/html' })
  const chunk = Buffer.alloc(64 * 1024, 'x')
  const more = () => {
    while (!response.destroyed && response.write(chunk));
  }
  response.on('drain', more)
  more()
}

function drip(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/html' })
  const timer = setInterval(() => response.write('x'), 50)
  response.on('close', () => clearInterval(timer))
}
