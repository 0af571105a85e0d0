import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

export type Model = (text: string) => Promise<Float32Array | undefined>

/**
 * The function that a worker exports for piscina to call. Loading belongs to the first call, so that its failure is that call's, and the next
 * one tries again. An empty text only loads.
 */
export function loadOnce(load: () => Promise<Model>): Model {
  let model: Promise<Model> | undefined
  return async (text) => {
    model ??= load().then((loaded) => {
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

/** Loading leaves file and graph behind, some 50 MB a thread that V8 takes for none of its own and would keep for minutes. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}
