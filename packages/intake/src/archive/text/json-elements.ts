/** An element of a wanted array, as its bytes stand. */
export interface JsonElement {
  /** Where the array is: keys joined by dots, `*` for a place in an array; empty for the document itself. */
  readonly path: string
  readonly text: string
}

/** The document ends inside of something; all elements that stand whole before that have come. */
export class JsonCutError extends Error {
  override readonly name = 'JsonCutError'
}

/** Longer than any post; a file that has one longer string is no list of posts. */
const maxElementBytes = 32 * 2 ** 20

/** A longer key is none of those that are wanted: its beginning is kept, which is none of them either. */
const maxKeyBytes = 1024

/** Of objects and lists around the elements; exports have four or five. */
const maxDepth = 1000

const quote = 0x22
const backslash = 0x5c
const isSpace = (byte: number) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

/**
 * The elements of the arrays at `paths`, one by one: a file of gigabytes is never in memory, and one that breaks off gives
 * all that came before. Skips what stands before the first bracket (`window.YTD.tweets.part0 = `). A byte loop instead of a
 * streaming parser: only what is wanted is parsed, by JSON.parse.
 *
 * @throws JsonCutError
 */
export async function* jsonElements(
  chunks: AsyncIterable<Buffer>,
  paths: readonly string[],
): AsyncGenerator<JsonElement> {
  const stack: { readonly array: boolean; readonly path: string; readonly wanted: boolean }[] = []
  let key = ''
  let started = false
  let inString = false
  let escaped = false
  let keyBytes: number[] | undefined
  let expectsKey = false
  // The element that is being taken: its bytes so far, and how deep it is nested.
  let depth = -1
  let taken: Buffer[] = []
  let takenLength = 0

  for await (const chunk of chunks) {
    let from = 0
    let ended: JsonElement[] = []
    const end = (to: number, path: string) => {
      taken.push(chunk.subarray(from, to))
      ended.push({ path, text: Buffer.concat(taken).toString('utf8') })
      taken = []
      takenLength = 0
      depth = -1
    }
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number
      if (inString) {
        if (escaped) escaped = false
        else if (byte === backslash) escaped = true
        else if (byte === quote) {
          inString = false
          if (keyBytes !== undefined) {
            key = Buffer.from(keyBytes).toString('utf8')
            keyBytes = undefined
          }
          continue
        }
        if (keyBytes !== undefined && keyBytes.length < maxKeyBytes) keyBytes.push(byte)
        continue
      }
      if (isSpace(byte)) continue
      const top = stack.at(-1)
      if (depth === -1 && top?.wanted && byte !== 0x5d && byte !== 0x2c) {
        depth = 0
        from = at
      }
      if (byte === quote) {
        inString = started
        if (depth === -1 && expectsKey) keyBytes = []
      } else if (byte === 0x7b || byte === 0x5b) {
        started = true
        if (depth >= 0) depth++
        else {
          if (stack.length >= maxDepth) {
            yield* ended
            throw new JsonCutError(`it is nested more than ${maxDepth} levels deep`)
          }
          const path = pathOf(top, key)
          stack.push({ array: byte === 0x5b, path, wanted: byte === 0x5b && paths.includes(path) })
          expectsKey = byte === 0x7b
        }
      } else if (byte === 0x7d || byte === 0x5d) {
        if (depth > 0) {
          depth--
          if (depth === 0) end(at + 1, top?.path ?? '')
        } else {
          // A number or a word as the last element.
          if (depth === 0) end(at, top?.path ?? '')
          stack.pop()
          if (started && stack.length === 0) {
            yield* ended
            return
          }
          expectsKey = false
        }
      } else if (byte === 0x2c) {
        if (depth === 0) end(at, top?.path ?? '')
        if (depth === -1) expectsKey = top?.array === false
      } else if (byte === 0x3a && depth === -1) {
        expectsKey = false
      }
    }
    if (depth >= 0) {
      taken.push(chunk.subarray(from))
      takenLength += chunk.length - from
      if (takenLength > maxElementBytes) {
        throw new JsonCutError(`one element is longer than ${maxElementBytes / 2 ** 20} MiB`)
      }
    }
    yield* ended
    ended = []
  }
  throw new JsonCutError(started ? 'it breaks off' : 'it has no list')
}

function pathOf(parent: { readonly array: boolean; readonly path: string } | undefined, key: string): string {
  if (parent === undefined) return ''
  const name = parent.array ? '*' : key
  return parent.path === '' ? name : `${parent.path}.${name}`
}
