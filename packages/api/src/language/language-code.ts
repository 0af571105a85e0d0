/**
 * ISO 639-1's code of a language tag: `en` of `en-US`, `en_GB.UTF-8` and `eng`. Null where the language has none, as if
 * there were no tag (Twitter's `und`); undefined where this is no tag.
 */
export function languageCode(tag: string): string | null | undefined {
  try {
    const { language: code = '' } = new Intl.Locale(
      tag
        .trim()
        .replace(/[.@].*/s, '')
        .replaceAll('_', '-'),
    )
    if (code.length > 3) return undefined
    return code.length === 2 ? code : null
  } catch {
    return undefined
  }
}
