/** Copies of documents with bytes cut, doubled, replaced and put in; the same ones each time. */
export function* mutations(sources: readonly Buffer[], count: number): Generator<Buffer> {
  let seed = 20_261
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((seed / 2 ** 32) * below)
  }
  const inserts = [
    '<',
    '>',
    '&',
    ']]>',
    '<![CDATA[',
    '"',
    '\0',
    '</item>',
    '<item>',
    '<entry>',
    '&#x0;',
    '\uFFFF',
    '<!--',
    '<?xml',
  ]
  for (let round = 0; round < count; round++) {
    let bytes: Buffer = Buffer.from(sources[round % sources.length] ?? [])
    for (let times = 1 + random(5); times > 0; times--) {
      const at = random(bytes.length)
      const some = bytes.subarray(at, at + random(200))
      const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
      const kind = random(6)
      if (kind === 0) bytes = Buffer.concat([before, after.subarray(some.length)])
      else if (kind === 1) bytes = Buffer.concat([before, some, after])
      else if (kind === 2) bytes = Buffer.concat([before, Buffer.from(inserts[random(inserts.length)] ?? ''), after])
      else if (kind === 3 && random(3) === 0) bytes = Buffer.from(before)
      else if (bytes.length > 0) bytes[at] = random(256)
    }
    yield bytes
  }
}
