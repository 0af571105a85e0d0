import { expect, test } from 'vitest'
import { namedServers, serverName, serverUrlProblem } from './server-urls.ts'

test('a URL with one server stays as it is, and nothing is looked for', () => {
  const url = 'postgres://u:p%40@a:1/d?options=-c%20x=1'
  expect(namedServers(url)).toEqual({ urls: [url], areCandidates: false })
})

test('a URL with several servers becomes one for each, with user, database and options', () => {
  const url = 'postgresql://u:p@a:1,b,[::1]:3/d?target_session_attrs=read-write&options=-c%20x%3D1'
  expect(namedServers(url)).toEqual({
    urls: ['a:1', 'b', '[::1]:3'].map((host) => `postgresql://u:p@${host}/d?options=-c%20x%3D1`),
    areCandidates: true,
  })
  expect(namedServers('postgres://a,b/d').urls).toEqual(['postgres://a/d', 'postgres://b/d'])
})

test('target_session_attrs with one server asks to make sure that it takes writes', () => {
  const url = 'postgres://a/d?target_session_attrs=primary'
  expect(namedServers(url)).toEqual({ urls: ['postgres://a/d'], areCandidates: true })
})

test.each([
  ['postgres://a,b/d?target_session_attrs=standby', /must have target_session_attrs=read-write or primary/],
  ['postgres://a,,b/d', /each server must be host or host:port/],
  ['postgres://a:x,b/d', /each server must be host or host:port/],
  ['postgres://u:p#q@a,b/d', /percent-encode/],
  ['postgres://a/d,b/d', /must name its database once/],
  ['postgres://a/d,postgres://b/d', /must name its database once/],
  ['postgres://a,b/d?host=c', /must name several servers in front of the database/],
  ['postgres://a,b/d?port=6432', /must name several servers in front of the database/],
  ['postgres:///d?host=a,b&port=1,2', /must name several servers in front of the database/],
  ['postgres://a/d?port=abc', /its port must be a number/],
])('%s is refused', (url, problem) => expect(serverUrlProblem(url)).toMatch(problem))

test.each(['postgres:///d?host=/run/postgresql&port=5433', 'postgres://u:a,b@h/d%2Ce'])('%s is one server', (url) => {
  expect(serverUrlProblem(url)).toBe(undefined)
})

test('a server is named without user and password', () => {
  expect(serverName('postgres://u:secret@a/d')).toBe('a:5432')
  expect(serverUrlProblem('postgres://u:p@a:1,b/d?target_session_attrs=read-write')).toBe(undefined)
})
