/** One a line, each once. */
export function targetsOf(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  return [...new Set(lines.filter((line) => line !== ''))]
}

export function isOpml(text: string): boolean {
  return /^\s*</.test(text.replace(/^\uFEFF/, '')) && /<opml[\s>]/i.test(text.slice(0, 5000))
}
