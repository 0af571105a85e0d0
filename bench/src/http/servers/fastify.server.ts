import Fastify from 'fastify'
import { openPool } from './card-list.ts'
import { addRoutes } from './fastify-routes.ts'
import { listening } from './listening.ts'

/** Bare Fastify: it checks no key, counts no limit, logs nothing. Extropy has to make up for that work. */
const app = Fastify()
addRoutes(app, openPool())
await app.listen({ port: 0, host: '127.0.0.1' })
listening((app.server.address() as { port: number }).port)
