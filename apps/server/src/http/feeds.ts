import { appRouter } from '@extropy/api'
import type { Hono } from 'hono'
import type { AppEnv } from './app-env.ts'
import { thrownResponse } from './errors.ts'

/** Atom feeds of subscriptions, as XML: feed readers send no keys, so the address itself is the right to read. Returns its documents. */
export function mountFeeds(hono: Hono<AppEnv>): readonly string[] {
  hono.get('/feeds/:token', async (c) => {
    const path = 'subscriptions.feed'
    c.set('procedure', path)
    try {
      const { atom } = await appRouter
        .createCaller(c.get('context'))
        .subscriptions.feed({ token: c.req.param('token') })
      const headers = {
        ...c.get('head'),
        'content-type': 'application/atom+xml; charset=utf-8',
        'cache-control': 'no-cache',
      }
      return new Response(atom, { headers })
    } catch (error) {
      return thrownResponse(c, error, path)
    }
  })
  return ['/feeds/{token}']
}
