import { type Found, problem } from '../archive-event.ts'
import type { Entry } from '../container/container.ts'
import { utf8Chunks } from '../text/decode.ts'
import { JsonCutError, type JsonElement, jsonElements } from '../text/json-elements.ts'

export type JsonObject = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const objectOf = (value: unknown): JsonObject => (isObject(value) ? value : {})
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value : typeof value === 'number' ? String(value) : undefined

/** The objects of a file's lists; what breaks off, and what is no object, is a problem. */
export async function* jsonObjects(
  entry: Entry,
  paths: readonly string[],
): AsyncGenerator<{ readonly value: JsonObject; readonly path: string } | Extract<Found, { type: 'problem' }>> {
  let number = 0
  const elements: AsyncGenerator<JsonElement> = jsonElements(utf8Chunks(entry), paths)
  try {
    for await (const { path, text } of elements) {
      number++
      const value = parse(text)
      if (isObject(value)) yield { value, path }
      else yield faulty(problem('bad-record', `entry ${number} is no JSON object`))
    }
  } catch (error) {
    if (!(error instanceof JsonCutError)) throw error
    yield faulty(problem('cut', `${error.message} behind ${number} whole entries, which came in`))
  }
}

const faulty = (found: Found) => found as Extract<Found, { type: 'problem' }>

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
