import { TargetError } from './platform.ts'

/** What people write for a web address: with a scheme or without one. @throws TargetError */
export function webAddress(text: string): URL {
  const trimmed = text.trim()
  if (/^[\w.-]+@[\w.-]+$/.test(trimmed)) throw new TargetError(`«${trimmed}» is a mail address, not a web address.`)
  const url = URL.parse(
    /^[a-z][a-z\d+.-]*:/i.test(trimmed) && !/^[\w.-]+:\d+(?:\/|$)/.test(trimmed) ? trimmed : `https://${trimmed}`,
  )
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new TargetError(`«${trimmed}» is not a web address: it should look like https://example.org/blog.`)
  }
  const isName = url.hostname.includes('.') || url.hostname === 'localhost' || url.hostname.startsWith('[')
  if (!isName) throw new TargetError(`«${trimmed}» is not a web address: it should look like https://example.org/blog.`)
  if (url.username !== '' || url.password !== '') {
    throw new TargetError('The address carries a user name or a password: leave them out.')
  }
  return url
}
