const signatures: readonly (readonly [bytes: string, is: string])[] = [
  ['504b0304', 'a zip archive: unpack it'],
  ['28b52ffd', 'compressed by zstd: unpack it, or use gzip'],
  ['fd377a585a00', 'compressed by xz: unpack it, or use gzip'],
  ['425a68', 'compressed by bzip2: unpack it, or use gzip'],
  ['25504446', 'a PDF'],
  ['53514c69746520666f726d6174', 'an SQLite database'],
  ['fffe', 'UTF-16: turn it into UTF-8 (iconv -f UTF-16 -t UTF-8 FILE)'],
  ['feff', 'UTF-16: turn it into UTF-8 (iconv -f UTF-16 -t UTF-8 FILE)'],
]

const oneObjectALine = 'write each content as an object on a line of its own'

/**
 * The format of a file that is not JSON Lines, judged by its beginning, and what to do with it; undefined where some line
 * begins as an object does, and where there is nothing.
 */
export function otherFormatOf(head: Buffer): string | undefined {
  const hex = head.subarray(0, 16).toString('hex')
  const signature = signatures.find(([bytes]) => hex.startsWith(bytes))
  if (signature !== undefined) return signature[1]
  // Half of the bytes of UTF-16 are NUL where its text is English.
  if (head.subarray(0, 4).includes(0)) return 'UTF-16 or binary: turn it into UTF-8 (iconv -f UTF-16LE -t UTF-8 FILE)'

  const text = head
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trim()
  if (text === '') return undefined
  if (text.startsWith('[')) return `a JSON array: ${oneObjectALine} (jq -c '.[]' FILE)`
  if (/^\{\s*\n/.test(text)) return `JSON over several lines: ${oneObjectALine} (jq -c . FILE)`
  if (/^window\.YTD\./.test(text)) return `a script of an X or Twitter archive: ${oneObjectALine}`
  if (text.startsWith('<')) return `XML or HTML: ${oneObjectALine}`
  if (/^---\s*\n/.test(text)) return `Markdown or YAML: ${oneObjectALine}`

  const lines = text.split(/\r\n|\n|\r/).filter((line) => line.trim() !== '')
  if (lines.some((line) => line.trimStart().startsWith('{'))) {
    const isOldMac = text.includes('\r') && !text.includes('\n')
    return isOldMac
      ? "text whose lines end in carriage returns: end them in line feeds (tr '\\r' '\\n' < FILE)"
      : undefined
  }
  const [first = ''] = lines
  const format = /[,;\t]/.test(first) ? 'CSV, it seems' : 'some other text'
  return `${format}: ${oneObjectALine}. It begins with "${first.slice(0, 60)}"`
}
