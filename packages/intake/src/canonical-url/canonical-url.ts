import { isTracking } from './tracking-parameters.ts'

/** Longer than any address that a person, or a database's index, keeps; strangers' feeds and maps have longer ones. */
const mostCharacters = 4096

/**
 * One spelling for the addresses of one piece: scheme and host in small letters, without user, default port, fragment, tracking
 * parameters, session, `index.html` and AMP's disguise. The rest stays as it is, its order too: a site may tell `/a` from `/a/`.
 * Undefined for what is not http or https, and for what is longer than 4,096 characters, encoded.
 */
export function canonicalUrl(address: string): string | undefined {
  const url = unwrapAmp(address.trim())
  if (url === undefined || url.href.length > mostCharacters) return undefined
  url.username = ''
  url.password = ''
  url.hostname = url.hostname.replace(/(?<!\.)\.+$/, '')
  if (!url.hash.startsWith('#!')) url.hash = ''
  url.search = keptParameters(url.search)
  url.pathname = tidyPath(url.pathname, url.search !== '')
  return url.href.replace(/\?(?=#|$)/, '')
}

function parse(address: string): URL | undefined {
  const url = URL.parse(address)
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : undefined
}

/** Google shows AMP pages under its own host, with the publisher's address in the path: `/amp/s/` or `/c/s/`, `s` for https. */
function unwrapAmp(address: string): URL | undefined {
  const url = parse(address)
  if (url === undefined) return undefined
  const inGoogle = /^(?:www\.)?google\.[a-z.]{2,6}$/.test(url.hostname) && /^\/amp\/(s\/)?(.+)$/.exec(url.pathname)
  const inCache = /\.cdn\.ampproject\.org$/.test(url.hostname) && /^\/[cvwi]\/(s\/)?(.+)$/.exec(url.pathname)
  const found = inGoogle || inCache
  return found ? (parse(`${found[1] ? 'https' : 'http'}://${found[2]}${url.search}`) ?? url) : url
}

/** Written again piece by piece, so that what is kept keeps its spelling: `URLSearchParams` would turn `%20` into `+`. */
function keptParameters(search: string): string {
  const kept = search
    .slice(1)
    .split('&')
    .filter((pair) => {
      const [name = '', value = ''] = pair.split('=')
      return pair !== '' && !isTracking(decode(name), decode(value))
    })
  return kept.length === 0 ? '' : `?${kept.join('&')}`
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function tidyPath(path: string, hasQuery: boolean): string {
  let tidy = path
    .replace(/%[0-9a-f]{2}/gi, (code) => {
      const letter = String.fromCharCode(Number.parseInt(code.slice(1), 16))
      return /[\w.~-]/.test(letter) ? letter : code.toUpperCase()
    })
    .replace(/;(?:jsessionid|phpsessid|sid)=[^/;]*/gi, '')
  // `index.php?p=3` is a program with a question; `index.html` and a bare `index.php` are the folder.
  if (!hasQuery) tidy = tidy.replace(/\/(?:index\.(?:html?|php|aspx?|jsp)|default\.aspx?)$/i, '/')
  return withoutAmp(tidy)
}

/**
 * `/a-slug/amp/`, `/2024/05/03/amp`, `/a-slug.amp.html`: an AMP copy. `/guitars/amp` is not. Looked at from the end: one expression over
 * the whole path tries each letter as a beginning, which takes time by the square of the length (0.7 s for 16,000 digits).
 */
function withoutAmp(path: string): string {
  const [ending] = /\/amp\/?$/i.exec(path.slice(-5)) ?? ['']
  const before = path.slice(0, path.length - ending.length)
  const isCopy = ending !== '' && /[-\d]/.test(before.slice(before.lastIndexOf('/') + 1))
  const bare = isCopy ? before + ending.slice('/amp'.length) : path
  const [, file, kind = ''] = /[-\w]{3}(\.amp(\.html?)?)$/i.exec(bare.slice(-12)) ?? []
  return file === undefined ? bare : bare.slice(0, -file.length) + kind
}
