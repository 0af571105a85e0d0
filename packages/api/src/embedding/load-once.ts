import { collectGarbage } from '../collect-garbage.ts'

export type Model = (text: string) => Promise<Float32Array | undefined>

/**
 * The function that a worker exports for piscina to call. Loading belongs to the first call, so that its failure is that call's, and the next
 * one tries again. An empty text only loads.
 */
export function loadOnce(load: () => Promise<Model>): Model {
  let model: Promise<Model> | undefined
  return async (text) => {
    model ??= load().then((loaded) => {
      // The file and the graph: some 50 MB a thread that V8 takes for none of its own.
      collectGarbage()
      return loaded
    })
    const loading = model
    const embed = await loading.catch((error: unknown) => {
      model = undefined
      throw error
    })
    return text === '' ? undefined : embed(text)
  }
}
