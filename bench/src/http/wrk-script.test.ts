import { expect, test } from 'vitest'
import { wrkScript } from './wrk-script.ts'

test('several requests are written out with their headers', () => {
  const requests = [{ path: '/api/cards', headers: { Authorization: 'Bearer "k"' } }, { path: '/health' }]
  const script = wrkScript('http://127.0.0.1:8000', requests)
  expect(script).toContain(
    String.raw`"GET /api/cards HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nAuthorization: Bearer \"k\"\r\n\r\n"`,
  )
  expect(script).toContain(String.raw`"GET /health HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n\r\n"`)
})

test('one request is left to wrk', () => {
  const script = wrkScript('http://127.0.0.1:8000', [{ path: '/', headers: { 'Cache-Control': 'no-cache' } }])
  expect(script).toContain('wrk.headers["Cache-Control"] = "no-cache"')
  expect(script).not.toContain('request =')
})
