/** A stranger's text as PostgreSQL can store it: without NUL and halves of surrogate pairs, and no longer than `mostLength` UTF-16 units. */
export function storableText(text: string, mostLength = Number.POSITIVE_INFINITY): string {
  return text.replaceAll('\0', '').slice(0, mostLength).toWellFormed()
}
