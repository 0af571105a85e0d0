import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio'
import { pipeMessages } from '../mcp/pipe-messages.ts'
import { createResourceWatch } from '../mcp/watch-resources.ts'
import { serverApi } from './api.ts'
import { runCommand, UsageError } from './run-command.ts'

const usage = `usage: pnpm mcp

Speaks the Model Context Protocol on standard input and output, for desktop clients that start a program: every message goes to
the running server at EXTROPY_URL (http://127.0.0.1:8000 where that is left out) with EXTROPY_KEY, an API key. See docs/mcp.md.
`

await runCommand({ usage }, async () => {
  const { EXTROPY_URL = 'http://127.0.0.1:8000', EXTROPY_KEY } = process.env
  if (!EXTROPY_KEY) throw new UsageError('EXTROPY_KEY: is required, an API key such as pnpm keys create makes')
  if (!URL.canParse(EXTROPY_URL)) throw new UsageError('EXTROPY_URL: must be a URL such as http://127.0.0.1:8000')
  const requestInit = { headers: { authorization: `Bearer ${EXTROPY_KEY}` } }
  const there = new StreamableHTTPClientTransport(new URL('/mcp', EXTROPY_URL), { requestInit })
  const onProblem = (error: Error) => process.stderr.write(`${error.message}\n`)
  const near = new StdioServerTransport()
  const api = serverApi({ url: EXTROPY_URL.replace(/\/$/, ''), key: EXTROPY_KEY })
  const watch = createResourceWatch(api, (message) => near.send(message))
  await pipeMessages(near, there, { onProblem, answer: watch.answer, onAnswer: watch.promise })
  watch.close()
  // A stream that is still open would keep the program.
  process.exit()
})
