import type { readFeed } from './subscriptions.queries.ts'

type Feed = Awaited<ReturnType<typeof readFeed>>
type Change = Feed['items'][number]

/** An Atom feed with an entry for each difference. */
export function writeAtom({ id, name, createdAt, items }: Feed): string {
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<feed xmlns="http://www.w3.org/2005/Atom">',
    `<id>urn:uuid:${id}</id><title>${toXml(name)}</title><updated>${items[0]?.createdAt ?? createdAt}</updated>`,
    '<author><name>Extropy</name></author>',
    ...items.map(entryOf),
    '</feed>',
  ].join('\n')
}

function entryOf(change: Change): string {
  const title = [
    count(change.new.length, 'new'),
    count(change.changed.length, 'changed'),
    count(change.gone.length, 'gone'),
  ].filter((part) => part !== '')
  const lines = [
    ...change.new.map(({ text }) => `New: ${text}`),
    ...change.changed.map(({ before, after }) => `Changed: ${after.text}\nBefore: ${before.text}`),
    ...change.gone.map(({ text }) => `Gone: ${text}`),
  ]
  const head = `<id>urn:uuid:${change.id}</id><title>${title.join(', ')}</title><updated>${change.createdAt}</updated>`
  return `<entry>${head}<content type="text">${toXml(lines.join('\n\n'))}</content></entry>`
}

const count = (number: number, word: string) => (number === 0 ? '' : `${number} ${word}`)

/** XML has no control characters, not even as entities. */
function toXml(text: string): string {
  const plain = text.toWellFormed().replace(/[^\t\n\r\u{20}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '')
  return plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
