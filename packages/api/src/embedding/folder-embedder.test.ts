import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openFolderEmbedder } from './folder-embedder.ts'
import { createGraphWriter } from './minilm/onnx.ts'

/** Three words, each with a direction of its own: a graph that only looks them up. */
function makeFolder(files: Record<string, string | Uint8Array> = {}): string {
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

test('a model in a folder embeds, by the mean of its tokens, and says its dimension', async () => {
  const embedder = await openFolderEmbedder(makeFolder())
  onTestFinished(() => embedder.close())
  expect(embedder).toMatchObject({ dimension: 3, model: expect.stringMatching(/^tiny-model-\w+-[0-9a-f]{12}$/) })
  const [river, both, none] = await embedder.embed(['River!', 'hello river', 'somewhere'])
  expect(river).toEqual(Float32Array.of(0, 0, 1))
  expect([...(both ?? [])].map((component) => component.toFixed(3))).toEqual(['0.707', '0.000', '0.707'])
  expect(none).toBeUndefined()
})

test('it is cut where the folder says so, and pooled as it says', async () => {
  const folder = makeFolder({
    'sentence_bert_config.json': '{"max_seq_length":2}',
    '1_Pooling/config.json': '{"pooling_mode_cls_token":false}',
  })
  const embedder = await openFolderEmbedder(folder)
  onTestFinished(() => embedder.close())
  // The mark of the beginning, and then the last token.
  expect(await embedder.embed(['hello hello river'])).toEqual([Float32Array.of(0, 0, 1)])
})

test('a folder without a model, or with one that cannot be run, is a clear error', async () => {
  await expect(openFolderEmbedder('/nowhere')).rejects.toThrow(
    'EMBEDDING_MODEL: the folder /nowhere has no onnx/model_quantized.onnx, onnx/model.onnx, model.onnx',
  )
  const broken = makeFolder({ 'onnx/model.onnx': 'no graph' })
  await expect(openFolderEmbedder(broken)).rejects.toThrow(/The local embedder failed: .*protobuf/i)
})
