/** Clients are few kinds, and each sends the same headers over and over. */
const maxTexts = 100
const longestText = 500

/** The same function, which remembers its results for short texts. */
export function remembered<Made>(make: (text: string) => Made): (text: string) => Made {
  const known = new Map<string, Made>()
  return (text) => {
    const old = known.get(text)
    if (old !== undefined || known.has(text)) return old as Made
    const made = make(text)
    if (text.length <= longestText) {
      if (known.size >= maxTexts) known.clear()
      known.set(text, made)
    }
    return made
  }
}
