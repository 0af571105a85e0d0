import { type AnswerWriter, WriterError } from './writer.ts'

/** Fewer characters a token than any text in use has, so that tokens are counted too high rather than too low. */
const charactersPerToken = 3

/** The same writer, which stops at a number of tokens, those of its prompts included. */
export function limitWriter(
  writer: AnswerWriter | undefined,
  mostTokens: number,
): { readonly writer: AnswerWriter | undefined; used(): number } {
  let used = 0
  if (writer === undefined) return { writer, used: () => used }
  const use = (text: string) => {
    const tokens = Math.ceil(text.length / charactersPerToken)
    if (used + tokens > mostTokens) {
      throw new WriterError('The budget of tokens is used up.', { failure: 'too long' })
    }
    used += tokens
  }
  return {
    used: () => used,
    writer: {
      model: writer.model,
      async *write(prompt, signal) {
        use(prompt.system + prompt.user)
        for await (const piece of writer.write(prompt, signal)) {
          use(piece)
          yield piece
        }
      },
    },
  }
}
