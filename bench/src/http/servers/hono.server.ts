import { readFileSync } from 'node:fs'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { listening, setting } from './listening.ts'

/** Hono on its Node adapter, as its Node guide starts it, answering with the same bytes whatever is asked. */
const body = readFileSync(setting('ANSWER_FILE'))
const headers = { 'content-type': setting('ANSWER_TYPE'), 'content-length': String(body.byteLength) }

const app = new Hono()
app.get('*', (c) => c.body(body, 200, headers))
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => listening(port))
