import type { Random } from './random.ts'

export interface SimulatedUser {
  readonly userId: string
  readonly key: string
  readonly cardIds: readonly string[]
}

/** One request, with the changes that an answer of 200 stands for. */
export interface Operation {
  readonly user: SimulatedUser
  readonly path: string
  readonly body: Record<string, unknown> | undefined
  readonly kind: 'transfer' | 'publish' | 'unpublish' | 'attribute'
  /** The amount of a transfer or an attribution, in units of 0.00000001. */
  readonly units: bigint
  readonly payeeId: string | undefined
  /** The card of a publication; the pair and the type of an attribution. */
  readonly once: string | undefined
}

const prices = { citation: 10_000_000n, remix: 50_000_000n, reply: 5_000_000n } as const
const types = ['citation', 'remix', 'reply'] as const

/** The next request: mostly transfers, some far beyond the balance, a few accounts in most of them. */
export function nextOperation(random: Random, users: readonly SimulatedUser[]): Operation {
  const pick = <Item>(items: readonly Item[]) => items[random.integer(items.length)] as Item
  // Squared: the first users meet each other all the time.
  const from = Math.floor(random.next() ** 2 * users.length)
  const user = users[from] as SimulatedUser
  const other = users[(from + 1 + random.integer(users.length - 1)) % users.length] as SimulatedUser
  const chance = random.next()
  if (chance < 0.7) {
    const units = BigInt(1 + random.integer(chance < 0.05 ? 2_000_000_000 : 5_000_000))
    const body = { toUserId: other.userId, amount: toTokens(units) }
    return { user, path: '/api/tokens/transfer', body, kind: 'transfer', units, payeeId: other.userId, once: undefined }
  }
  const cardId = pick(user.cardIds)
  if (chance < 0.83)
    return { user, path: '/api/cards', body: { ids: [cardId] }, kind: 'publish', ...noPayment, once: cardId }
  if (chance < 0.86) {
    const path = `/api/cards/${cardId}/unpublish`
    return { user, path, body: undefined, kind: 'unpublish', ...noPayment, once: undefined }
  }
  const type = pick(types)
  const body = { sourceCardId: pick(other.cardIds), targetCardId: cardId, type }
  const once = `${body.sourceCardId} ${cardId} ${type}`
  return { user, path: '/api/attributions', body, kind: 'attribute', units: prices[type], payeeId: other.userId, once }
}

const noPayment = { units: 0n, payeeId: undefined } as const

/** The balances that the accounts must hold in the end, from the answers alone; their order does not matter. */
export class Model {
  readonly balances = new Map<string, bigint>()
  readonly #rewarded = new Set<string>()
  readonly #attributed = new Set<string>()
  movements = 0
  /** Impossible outcomes: a second reward would not show, a second attribution of the same cards does. */
  readonly violations: string[] = []

  deposit(userId: string, units: bigint): void {
    this.#add(userId, units)
    this.movements++
  }

  /** The request was answered with 200. */
  apply({ user, kind, units, payeeId, once }: Operation): void {
    if (kind === 'unpublish') return
    if (kind === 'publish') {
      if (this.#rewarded.has(once as string)) return
      this.#rewarded.add(once as string)
      this.deposit(user.userId, 100_000_000n)
      return
    }
    if (kind === 'attribute') {
      if (this.#attributed.has(once as string)) this.violations.push(`paid twice: ${once}`)
      this.#attributed.add(once as string)
    }
    this.#add(user.userId, -units)
    this.#add(payeeId as string, units)
    this.movements++
  }

  #add(userId: string, units: bigint): void {
    this.balances.set(userId, (this.balances.get(userId) ?? 0n) + units)
  }
}

/** `123456789n` to `1.23456789`. */
export function toTokens(units: bigint): string {
  const digits = String(units).padStart(9, '0')
  return `${digits.slice(0, -8)}.${digits.slice(-8)}`
}
