import type { Payload } from '@extropy/api'
import type { HotUrl } from './hot-urls.ts'
import { partsOfBatch } from './send-answers.ts'

/** 32 batches of a quarter of a megabyte: 8 MB at most. */
const maxBatches = 32
const maxBytes = 2 ** 18

export interface JoinedBatches {
  /** The batch in one piece, where the same answers were asked for just before; undefined: send the pieces. */
  bodyFor(hot: HotUrl, answers: readonly Payload[]): Buffer | undefined
}

/** Joining a batch costs more than sending it in pieces, unless the same one is sent again and again. */
export function createJoinedBatches(): JoinedBatches {
  const known = new Map<HotUrl, { readonly answers: readonly Payload[]; body?: Buffer }>()
  return {
    bodyFor(hot, answers) {
      const last = known.get(hot)
      if (last !== undefined && isSame(last.answers, answers)) {
        last.body ??= Buffer.concat(partsOfBatch(answers.map(({ rpc }) => rpc)))
        return last.body
      }
      known.delete(hot)
      if (answers.reduce((bytes, { rpc }) => bytes + rpc.length, 0) > maxBytes) return undefined
      if (known.size >= maxBatches) known.delete(known.keys().next().value as HotUrl)
      known.set(hot, { answers })
      return undefined
    },
  }
}

function isSame(some: readonly Payload[], others: readonly Payload[]): boolean {
  return some.length === others.length && some.every((answer, at) => answer === others[at])
}
