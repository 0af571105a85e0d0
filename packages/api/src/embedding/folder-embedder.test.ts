import { expect, onTestFinished, test } from 'vitest'
import { makeTinyModel } from '../testing/tiny-model.ts'
import { openFolderEmbedder } from './folder-embedder.ts'

test('a model in a folder embeds, by the mean of its tokens, and says its dimension', async () => {
  const embedder = await openFolderEmbedder(makeTinyModel())
  onTestFinished(() => embedder.close())
  expect(embedder).toMatchObject({ dimension: 3, model: expect.stringMatching(/^tiny-model-\w+-[0-9a-f]{12}$/) })
  const [river, both, none] = await embedder.embed(['River!', 'hello river', 'somewhere'])
  expect(river).toEqual(Float32Array.of(0, 0, 1))
  expect([...(both ?? [])].map((component) => component.toFixed(3))).toEqual(['0.707', '0.000', '0.707'])
  expect(none).toBeUndefined()
})

test('it is cut where the folder says so, and pooled as it says', async () => {
  const folder = makeTinyModel({
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
  const broken = makeTinyModel({ 'onnx/model.onnx': 'no graph' })
  await expect(openFolderEmbedder(broken)).rejects.toThrow(/The local embedder failed: .*protobuf/i)
})
