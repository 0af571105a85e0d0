import { type AnswerWriter, WriterError } from './writer.ts'

/** Fewer characters a token than any text in use has, so that tokens are counted too high rather than too low. */
const charactersPerToken = 3

/**
 * The same writer, which stops at a number of tokens: those of its prompts, of each try again, of thoughts and of its text, as they are
 * estimated here. Where the endpoint tells at the end that it has used more, that counts: a text that is whole by then may have passed the
 * number.
 */
export function limitWriter(
  writer: AnswerWriter | undefined,
  mostTokens: number,
): { readonly writer: AnswerWriter | undefined; used(): number } {
  let used = 0
  if (writer === undefined) return { writer, used: () => used }
  const use = (text: string) => {
    const tokens = tokensOf(text)
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
        const sent = prompt.system + prompt.user
        use(sent)
        let before = used - tokensOf(sent)
        const listener = {
          onRetry() {
            before = used
            use(sent)
          },
          onThought: use,
          onUsage(tokens: number) {
            used = Math.max(used, before + tokens)
          },
        }
        for await (const piece of writer.write(prompt, signal, listener)) {
          use(piece)
          yield piece
        }
      },
    },
  }
}

const tokensOf = (text: string) => Math.ceil(text.length / charactersPerToken)
