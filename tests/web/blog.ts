import type { IncomingMessage, ServerResponse } from 'node:http'

const prose = (subject: string) =>
  Array.from(
    { length: 6 },
    (_, n) =>
      `<p>The ${subject} of paragraph ${n} is told at some length here, so that a reader, and a program that looks for articles, can see that this is one, and no list of links.</p>`,
  ).join('')

const item = (title: string, path: string, content: string) =>
  `<item><title>${title}</title><link>ORIGIN${path}</link><guid>ORIGIN${path}</guid><pubDate>Thu, 01 Jan 2026 00:00:00 GMT</pubDate><content:encoded><![CDATA[${content}]]></content:encoded></item>`

const feed = `<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Harbour News</title><link>ORIGIN/</link>${item('Tides of the harbour', '/tides', prose('tide'))}${item('Gulls of the harbour', '/gulls', prose('gull'))}</channel></rss>`

/** The site's address stands in its own documents, and is not known before it is there. */
const withOrigin = (type: string, body: string) => (request: IncomingMessage, response: ServerResponse) =>
  response.writeHead(200, { 'content-type': type }).end(body.replaceAll('ORIGIN', `http://${request.headers.host}`))

/** A small site: a feed, one that is gone, and rules for programs. */
export const blog = {
  '/feed.xml': withOrigin('application/rss+xml', feed),
  '/robots.txt': { body: 'User-agent: *\nDisallow: /secret\n' },
  '/broken.xml': { status: 500 },
}
