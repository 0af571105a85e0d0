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

/**
 * A model that can be run, from its bytes or its file, and the runtime's own tensors.
 *
 * @throws where the runtime has no binary for this machine, as for Intel Macs and Alpine Linux.
 */
export async function openSession(model: Uint8Array | string) {
  const { InferenceSession: sessions, Tensor } = await loadRuntime()
  const session: InferenceSession =
    typeof model === 'string' ? await sessions.create(model, options) : await sessions.create(model, options)
  return { session, Tensor }
}

async function loadRuntime() {
  try {
    return await import('onnxruntime-node')
  } catch (cause) {
    const machine = `${process.platform} ${process.arch}`
    throw new Error(`onnxruntime-node does not run on this machine (${machine}): ${(cause as Error).message}`, {
      cause,
    })
  }
}
