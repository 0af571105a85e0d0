import { describe, expect, test } from 'vitest'
import { growth } from '../testing/growth.ts'
import { canonicalUrl } from './canonical-url.ts'
import { textHash } from './text-hash.ts'

const same: readonly (readonly [address: string, canonical: string])[] = [
  ['HTTPS://Example.COM/A/Path', 'https://example.com/A/Path'],
  ['https://example.com', 'https://example.com/'],
  ['  https://example.com/a \n', 'https://example.com/a'],
  ['https://example.com./a', 'https://example.com/a'],
  ['https://bücher.example/a', 'https://xn--bcher-kva.example/a'],
  ['https://example.com:443/a', 'https://example.com/a'],
  ['http://example.com:80/a', 'http://example.com/a'],
  ['https://example.com:80/a', 'https://example.com:80/a'],
  ['https://example.com:8443/a', 'https://example.com:8443/a'],
  ['https://user:secret@example.com/a', 'https://example.com/a'],
  ['https://example.com/a#part-2', 'https://example.com/a'],
  ['https://example.com/a#:~:text=word', 'https://example.com/a'],
  ['https://example.com/#!/a/route', 'https://example.com/#!/a/route'],
  ['https://example.com/a?', 'https://example.com/a'],
  ['https://example.com/a/../b/./c', 'https://example.com/b/c'],
  ['https://example.com/%7Euser/%e4%bd%a0', 'https://example.com/~user/%E4%BD%A0'],
  ['https://example.com/a%2fb', 'https://example.com/a%2Fb'],
  // The slash at the end is the site's business.
  ['https://example.com/a/', 'https://example.com/a/'],
  ['https://example.com/a', 'https://example.com/a'],
  ['https://example.com//a//b', 'https://example.com//a//b'],
  // Tracking.
  ['https://example.com/a?utm_source=x&utm_medium=rss&utm_campaign=c', 'https://example.com/a'],
  ['https://example.com/a?UTM_SOURCE=x', 'https://example.com/a'],
  ['https://example.com/a?id=3&utm_source=x', 'https://example.com/a?id=3'],
  ['https://example.com/a?utm_source=x&id=3#c', 'https://example.com/a?id=3'],
  ['https://example.com/a?fbclid=IwAR0', 'https://example.com/a'],
  ['https://example.com/a?gclid=Cj0&gbraid=0&wbraid=1', 'https://example.com/a'],
  ['https://example.com/a?gad_source=1&srsltid=Af', 'https://example.com/a'],
  ['https://example.com/a?mc_cid=1&mc_eid=2', 'https://example.com/a'],
  ['https://example.com/a?mkt_tok=eyJ', 'https://example.com/a'],
  ['https://example.com/a?_hsenc=p2&_hsmi=1', 'https://example.com/a'],
  ['https://example.com/a?msclkid=1', 'https://example.com/a'],
  ['https://example.com/a?yclid=1&ysclid=2', 'https://example.com/a'],
  ['https://example.com/a?igshid=1&igsh=2', 'https://example.com/a'],
  ['https://example.com/a?twclid=1&ref_src=twsrc%5Etfw', 'https://example.com/a'],
  ['https://example.com/a?ttclid=1', 'https://example.com/a'],
  ['https://example.com/a?li_fat_id=1&trk=public', 'https://example.com/a'],
  ['https://example.com/a?mtm_source=x&pk_campaign=y', 'https://example.com/a'],
  ['https://example.com/a?at_medium=RSS&at_campaign=KARANGA', 'https://example.com/a'],
  ['https://example.com/a?xtor=RSS-1', 'https://example.com/a'],
  ['https://example.com/a?wt_mc=rss.developer.beitrag.atom', 'https://example.com/a'],
  ['https://example.com/a?ns_mchannel=social', 'https://example.com/a'],
  ['https://example.com/a?smid=tw-share', 'https://example.com/a'],
  ['https://example.com/a?guccounter=1&guce_referrer=aHR0', 'https://example.com/a'],
  ['https://example.com/a?_ga=1&_gl=2', 'https://example.com/a'],
  ['https://example.com/a?vero_id=1', 'https://example.com/a'],
  ['https://example.com/a?source=rss', 'https://example.com/a'],
  ['https://example.com/a?srcref=rss', 'https://example.com/a'],
  ['https://example.com/a?ref=hackernews', 'https://example.com/a'],
  ['https://example.com/a?partner=rss', 'https://example.com/a'],
  // What looks like tracking, and is not.
  ['https://example.com/a?ref=main', 'https://example.com/a?ref=main'],
  ['https://example.com/a?source=chapter-3', 'https://example.com/a?source=chapter-3'],
  ['https://example.com/a?from=2024-01-01', 'https://example.com/a?from=2024-01-01'],
  ['https://example.com/?p=123', 'https://example.com/?p=123'],
  ['https://example.com/search?q=utm_source', 'https://example.com/search?q=utm_source'],
  ['https://example.com/a?page=2&sort=new', 'https://example.com/a?page=2&sort=new'],
  ['https://example.com/a?b=2&a=1', 'https://example.com/a?b=2&a=1'],
  ['https://example.com/a?q=a%20b+c', 'https://example.com/a?q=a%20b+c'],
  ['https://example.com/a?tag', 'https://example.com/a?tag'],
  ['https://example.com/a?x=%E0%A4%A', 'https://example.com/a?x=%E0%A4%A'],
  ['https://www.youtube.com/watch?v=abc&feature=youtu.be', 'https://www.youtube.com/watch?v=abc'],
  // Sessions and folders.
  ['https://example.com/a;jsessionid=1A2B?x=1', 'https://example.com/a?x=1'],
  ['https://example.com/a?PHPSESSID=1a', 'https://example.com/a'],
  ['https://example.com/blog/index.html', 'https://example.com/blog/'],
  ['https://example.com/index.php', 'https://example.com/'],
  ['https://example.com/index.php?p=3', 'https://example.com/index.php?p=3'],
  ['https://example.com/Default.aspx', 'https://example.com/'],
  ['https://example.com/my-index.html', 'https://example.com/my-index.html'],
  // AMP.
  ['https://example.com/2024/05/a-post/amp/', 'https://example.com/2024/05/a-post/'],
  ['https://example.com/a-post/amp', 'https://example.com/a-post'],
  ['https://example.com/a-post?amp=1', 'https://example.com/a-post'],
  ['https://example.com/a-post?amp', 'https://example.com/a-post'],
  ['https://example.com/a-post?outputType=amp', 'https://example.com/a-post'],
  ['https://example.com/a-post.amp.html', 'https://example.com/a-post.html'],
  ['https://example.com/a-post.amp', 'https://example.com/a-post'],
  ['https://www.google.com/amp/s/example.com/a-post/', 'https://example.com/a-post/'],
  ['https://www.google.de/amp/example.com/a-post/', 'http://example.com/a-post/'],
  ['https://example-com.cdn.ampproject.org/c/s/example.com/a-post/amp/', 'https://example.com/a-post/'],
  ['https://example.com/guitars/amp', 'https://example.com/guitars/amp'],
  ['https://example.com/amp', 'https://example.com/amp'],
]

describe('canonicalUrl', () => {
  test.each(same)('%s is %s', (address, canonical) => {
    expect(canonicalUrl(address)).toBe(canonical)
    expect(canonicalUrl(canonical)).toBe(canonical)
  })

  test.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'mailto:a@example.com',
    'ftp://example.com/',
    '',
    'a/b',
    'https://',
  ])('there is none for %s', (address) => {
    expect(canonicalUrl(address)).toBeUndefined()
  })

  test('there is none for what is longer than addresses are, as it stands or encoded', () => {
    const of = (letter: string, length: number) => canonicalUrl(`https://example.com/${letter.repeat(length)}`)
    expect(of('1', 4000)).toBeDefined()
    expect(of('1', 4100)).toBeUndefined()
    expect(of('漢', 500)).toBeUndefined()
  })

  test.each([
    ['digits', (length: number) => '1'.repeat(length)],
    ['a name before .amp.htm', (length: number) => `${'a-'.repeat(length / 2)}.amp.htm`],
  ])('takes time in proportion to its length for %s', async (_, path) => {
    const work = (length: number) => {
      const address = `https://example.com/${path(length)}x`
      for (let n = 0; n < 10; n++) canonicalUrl(address)
    }
    expect(await growth(work, 1000, { leastUs: 100, rounds: 10 })).toBeLessThan(9)
  })
})

describe('textHash', () => {
  test('is the same for the same words, whatever their case, marks, spaces and composition', () => {
    expect(textHash('The  café, “open”\nat 8.')).toBe(textHash('the cafe\u0301 open at 8'))
    expect(textHash('ｆｕｌｌ width')).toBe(textHash('full width'))
  })

  test('differs for other words, and for words run together', () => {
    expect(textHash('open at 8')).not.toBe(textHash('open at 9'))
    expect(textHash('open at')).not.toBe(textHash('openat'))
  })
})
