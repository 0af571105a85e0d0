import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { postgraphile } from 'postgraphile'
import { makePgService } from 'postgraphile/adaptors/pg'
import { grafserv } from 'postgraphile/grafserv/node'
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber'
import { jsonPgSmartTags } from 'postgraphile/utils'
import { listening, setting } from './listening.ts'

/** PostGraphile 5 as a library on Node's own server, with the Amber preset that its docs begin with. */

const tags = jsonPgSmartTags({
  version: 1,
  config: {
    // It would become a field of the ledger's type, which has a column of that name.
    procedure: { extropy_ledger_hash: { tags: { behavior: '-*' } } },
    // No field for these as it comes: their index is a partial one.
    attribute: {
      'cards.published_at': { tags: { behavior: '+orderBy' } },
      'cards.is_published': { tags: { behavior: '+filterBy' } },
    },
  },
})

const service = postgraphile({
  extends: [PostGraphileAmberPreset],
  plugins: [tags],
  pgServices: [
    makePgService({
      connectionString: setting('DATABASE_URL'),
      schemas: ['public'],
      poolConfig: { max: Number(setting('POOL_SIZE')), options: '-c TimeZone=UTC' },
    }),
  ],
  grafserv: { graphiql: false },
  grafast: { explain: false },
})

const server = createServer()
server.once('listening', () => listening((server.address() as AddressInfo).port))
const serv = service.createServ(grafserv)
await serv.addTo(server)
server.listen(0, '127.0.0.1')
