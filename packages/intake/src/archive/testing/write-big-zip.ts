import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { crc32, createDeflateRaw } from 'node:zlib'

/** Posts that are written at once. */
const chunkPosts = 1000

/** Writes an X archive whose one script unpacks to about so many bytes, without ever having it in memory. */
export async function writeBigZip(path: string, bytes: number): Promise<{ posts: number; bytes: number }> {
  const name = Buffer.from('data/tweets.js')
  const file = await open(path, 'w')
  const common = Buffer.alloc(26)
  common.writeUInt16LE(20, 0)
  common.writeUInt16LE(0x800, 2)
  common.writeUInt16LE(8, 4)
  common.writeUInt16LE(name.length, 22)
  // Sizes and checksum are known at the end, and written over these zeros.
  await file.write(Buffer.concat([Buffer.from('504b0304', 'hex'), common, name]))
  const deflate = createDeflateRaw({ level: 1 })
  let packed = 0
  const written = (async () => {
    for await (const chunk of deflate as AsyncIterable<Buffer>) {
      packed += chunk.length
      await file.write(chunk)
    }
  })()
  let [length, checksum, posts] = [0, 0, 0]
  const add = async (text: string) => {
    const chunk = Buffer.from(text)
    length += chunk.length
    checksum = crc32(chunk, checksum)
    if (!deflate.write(chunk)) await once(deflate, 'drain')
  }
  await add('window.YTD.tweets.part0 = [')
  while (length < bytes) {
    const chunk = Array.from({ length: chunkPosts }, (_, at) => post(posts + at)).join(',')
    await add(posts === 0 ? chunk : `,${chunk}`)
    posts += chunkPosts
  }
  await add(']')
  deflate.end()
  await written
  common.writeUInt32LE(checksum, 10)
  common.writeUInt32LE(packed, 14)
  common.writeUInt32LE(length, 18)
  const offset = 4 + common.length + name.length + packed
  const directory = Buffer.concat([Buffer.from('504b01021403', 'hex'), common, Buffer.alloc(14), name])
  const end = Buffer.alloc(18)
  end.writeUInt16LE(1, 4)
  end.writeUInt16LE(1, 6)
  end.writeUInt32LE(directory.length, 8)
  end.writeUInt32LE(offset, 12)
  await file.write(Buffer.concat([directory, Buffer.from('504b0506', 'hex'), end]))
  await file.write(common, 0, common.length, 4)
  await file.close()
  return { posts, bytes: length }
}

/** As long as most are in a true archive, and as hard to pack. */
function post(number: number): string {
  const id = String(1_500_000_000_000_000_000n + BigInt(number))
  const words = randomBytes(100).toString('base64').replaceAll('/', ' ')
  return JSON.stringify({
    tweet: {
      edit_info: { initial: { editTweetIds: [id], editableUntil: '2024-01-01T00:00:00.000Z', editsRemaining: '5' } },
      retweeted: false,
      source: '<a href="https://example.org" rel="nofollow">A client of posts</a>',
      entities: { hashtags: [], symbols: [], user_mentions: [], urls: [] },
      display_text_range: ['0', '140'],
      favorite_count: '3',
      id_str: id,
      truncated: false,
      retweet_count: '1',
      id,
      possibly_sensitive: false,
      created_at: 'Sat Mar 01 08:30:00 +0000 2025',
      favorited: false,
      full_text: words,
      lang: 'en',
    },
  })
}
