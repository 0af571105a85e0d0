import { Tokenizer } from '@huggingface/tokenizers'
import { z } from 'zod'

/**
 * Texts are cut before they are taken apart, which costs by their length: so many characters hold more than a model reads,
 * but for one long run of white space or letters.
 */
const charactersAToken = 40

const Settings = z.looseObject({
  model: z.looseObject({
    /** A word that is not known stands as this token; WordPiece and BPE name it, Unigram has its id. */
    unk_token: z.string().nullish(),
    unk_id: z.number().nullish(),
  }),
})

/**
 * A text's token ids, the model's own marks around them, cut to `most`; undefined where the model knows none of the
 * text's words. `file` is a tokenizer.json.
 */
export function createTokenReader(file: string, most: number): (text: string) => number[] | undefined {
  const settings = Settings.parse(JSON.parse(file))
  // Published ones fill every text up to a length, or cut it.
  const tokenizer = new Tokenizer({ ...settings, padding: null, truncation: null }, {})
  const { unk_token, unk_id } = settings.model
  const unknown = unk_id ?? (unk_token ? tokenizer.token_to_id(unk_token) : undefined)
  const marks = new Set(tokenizer.encode('').ids)
  const isWord = (id: number) => id !== unknown && !marks.has(id)
  return (text) => {
    const { ids } = tokenizer.encode(text.slice(0, charactersAToken * most))
    if (!ids.some(isWord)) return undefined
    return ids.length <= most ? ids : [...ids.slice(0, most - 1), ids.at(-1) as number]
  }
}
