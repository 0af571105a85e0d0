import type { Context as HonoContext } from 'hono'
import type { AppEnv } from './app-env.ts'
import { compressed, type Encoding, encodingFor } from './compress.ts'
import { headerOf } from './header-of.ts'

export interface FileHead {
  readonly type: string
  /** Of a page: what it may load and run. */
  readonly policy: string
  readonly cacheControl: string
  readonly status?: 200 | 503
}

/** Of each file that was sent: compressed once, however often it is asked for. */
const formsOf = new WeakMap<Buffer, Map<Encoding, Promise<Buffer | undefined>>>()

/** Sends a file from memory in the form that the caller prefers. */
export async function sendFile(
  c: HonoContext<AppEnv>,
  bytes: Buffer,
  { type, policy, cacheControl, status = 200 }: FileHead,
): Promise<Response> {
  const encoding = type.startsWith('font/') ? undefined : encodingFor(headerOf(c, 'accept-encoding'))
  const form = encoding && (await formOf(bytes, encoding))
  const headers: Record<string, string> = {
    ...c.get('head'),
    ...(form && encoding ? { 'content-encoding': encoding } : {}),
    vary: ['accept-encoding', c.get('head').vary ?? []].flat().join(', '),
    'content-type': type,
    'content-security-policy': policy,
    'referrer-policy': 'no-referrer',
    'cache-control': cacheControl,
    // Files need no cache: they are in memory.
    'x-cache': 'BYPASS',
    'x-cache-cause': 'excluded',
  }
  return new Response((form ?? bytes) as Uint8Array<ArrayBuffer>, { status, headers })
}

function formOf(bytes: Buffer, encoding: Encoding): Promise<Buffer | undefined> {
  const forms = formsOf.get(bytes) ?? new Map<Encoding, Promise<Buffer | undefined>>()
  formsOf.set(bytes, forms)
  const form = forms.get(encoding) ?? compressed(bytes, encoding)
  forms.set(encoding, form)
  return form
}
