/** The text of a passage that the model reads: its title says what the passage is about, where the passage itself does not. */
export function embeddingText(title: string, passage: string): string {
  return `${title}\n\n${passage}`
}
