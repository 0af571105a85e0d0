/** The next things to try, printed when the server listens. */
export function welcome(host: string, port: number, isEmpty: boolean): string {
  const url = `http://${host === '127.0.0.1' || host === '0.0.0.0' ? 'localhost' : host}:${port}`
  return `
Extropy is serving on ${url}

${isEmpty ? 'The database is empty: `pnpm follow https://example.org` keeps up with a site, `pnpm ingest FILE` takes in what you have, and LOAD_SAMPLE=always loads a sample.\n\n' : ''}Ask a question in the browser: ${url}
Or here:
  curl -s ${url}/query/rag -H 'content-type: application/json' \\
    -d '{"prompt":"why was incremental compilation disabled in Rust 1.52.1","nResults":3}'

From TypeScript:
  import { createClient } from '@extropy/client'
  const extropy = createClient({ url: '${url}' })
  const { results } = await extropy.query.rag.query({ prompt: 'flat config', nResults: 3 })

Browse the API: ${url}/docs      Stop: Ctrl-C

`
}
