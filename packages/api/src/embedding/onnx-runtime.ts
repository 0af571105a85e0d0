import type { InferenceSession } from 'onnxruntime-node'

/**
 * One thread each: as many workers as there are cores do more than one session on all of them. Memory goes back after each text,
 * instead of staying with a session as much as the longest text took.
 */
const options = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  enableCpuMemArena: false,
  enableMemPattern: false,
} as const

/** `native` is some eight times faster; `wasm` runs wherever Node does. */
export type Runtime = 'native' | 'wasm'

/**
 * A model that can be run, from its bytes or its file, and the runtime's own tensors. Without `runtime` it is the native one, or the
 * other where that has no binary for this machine, as for Intel Macs and Alpine Linux.
 *
 * @throws where it is no model.
 */
export async function openSession(model: Uint8Array | string, runtime?: Runtime) {
  const { InferenceSession: sessions, Tensor } = await loadRuntime(runtime)
  const session: InferenceSession =
    typeof model === 'string' ? await sessions.create(model, options) : await sessions.create(model, options)
  return { session, Tensor }
}

async function loadRuntime(runtime: Runtime | undefined) {
  if (runtime !== 'wasm') {
    try {
      return await import('onnxruntime-node')
    } catch (error) {
      if (runtime === 'native') throw error
    }
  }
  const web = await import('onnxruntime-web')
  // Threads of its own would need to be started for each worker thread.
  web.env.wasm.numThreads = 1
  return web
}
