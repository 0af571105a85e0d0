import type { Random } from '../ledger-simulator/random.ts'
import type { Person } from '../replay/population.ts'
import type { Caller } from './caller.ts'

/** Keys that are made, used and revoked; from the answer of the revocation on nobody may be let in with one. */
export class Revocations {
  readonly #revoked: string[] = []
  revoked = 0
  tried = 0
  readonly problems: string[] = []

  /** The life of one key. */
  async revokeOne(caller: Caller, { id, key: own }: Person): Promise<void> {
    const body = JSON.stringify({ name: 'chaos', scopes: ['read'] })
    const made = await caller.send({ method: 'POST', path: '/api/keys', body }, own)
    if (made.status !== 200) throw new Error(`no key was made: ${made.status} ${JSON.stringify(made.json)}`)
    const { id: keyId, key } = made.json as { id: string; key: string }
    const used = await caller.send({ path: `/api/tokens/balance/${id}` }, key)
    if (used.status !== 200) this.problems.push(`a new key was answered with ${used.status}`)
    const revoked = await caller.send({ method: 'DELETE', path: `/api/keys/${keyId}` }, own)
    if (revoked.status !== 200 && !(revoked.status === 404 && revoked.attempts > 1)) {
      throw new Error(`a key was not revoked: ${revoked.status} ${JSON.stringify(revoked.json)}`)
    }
    this.revoked++
    this.#revoked.push(key)
    await this.#try(caller, key)
  }

  /** Somebody comes again with a key that was revoked at some time. */
  async tryOne(caller: Caller, random: Random): Promise<void> {
    const key = this.#revoked[random.integer(this.#revoked.length)]
    if (key !== undefined) await this.#try(caller, key)
  }

  async #try(caller: Caller, key: string): Promise<void> {
    const { status } = await caller.send({ path: '/api/cards/mine' }, key)
    this.tried++
    if (status !== 401) this.problems.push(`a revoked key was answered with ${status}`)
  }
}
