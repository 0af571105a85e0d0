import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGraphWriter } from '../embedding/minilm/onnx.ts'

/** A folder with a model of three words, each with a direction of its own: a graph that only looks them up. */
export function makeTinyModel(files: Record<string, string | Uint8Array> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'tiny-model-'))
  const vocab = { '[UNK]': 0, '[CLS]': 1, '[SEP]': 2, hello: 3, world: 4, river: 5 }
  const graph = createGraphWriter()
  const table = Float32Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1])
  const found = graph.node('Gather', [graph.constant('float', [6, 3], table), 'input_ids'])
  const whole = graph.finish(
    { name: 'input_ids', type: 'int64', dims: [1, 'length'] },
    { name: found, type: 'float', dims: [1, 'length', 3] },
  )
  const tokenizer = {
    version: '1.0',
    padding: { strategy: { Fixed: 128 }, direction: 'Right', pad_id: 0, pad_type_id: 0, pad_token: '[UNK]' },
    added_tokens: [],
    normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, lowercase: true },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: '[CLS]', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
      pair: [],
      special_tokens: { '[CLS]': { id: '[CLS]', ids: [1], tokens: ['[CLS]'] } },
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab,
    },
  }
  const all = { 'onnx/model.onnx': whole, 'tokenizer.json': JSON.stringify(tokenizer), ...files }
  for (const [name, content] of Object.entries(all)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return folder
}
