import { hash } from 'node:crypto'

/**
 * A set of texts that takes 12 to 24 bytes for each, where a Set of ids takes some 80: an archive may have millions. Keeps 64 bits
 * of each text's hash; among 3,000,000 of them two are taken for one with a chance of 1 in 4,000,000.
 */
export class SeenKeys {
  #slots = new Uint32Array(2 * 1024)
  #size = 0

  /** False where it was there. */
  add(key: string): boolean {
    if (this.#size * 3 > this.#slots.length) this.#grow()
    const digest = hash('sha1', key, 'buffer')
    // Two zeros mark a free slot.
    const added = insert(this.#slots, digest.readUInt32LE(0) || 1, digest.readUInt32LE(4))
    if (added) this.#size++
    return added
  }

  #grow(): void {
    const former = this.#slots
    this.#slots = new Uint32Array(former.length * 2)
    for (let at = 0; at < former.length; at += 2) {
      const low = former[at] as number
      if (low !== 0) insert(this.#slots, low, former[at + 1] as number)
    }
  }
}

function insert(slots: Uint32Array, low: number, high: number): boolean {
  const last = slots.length / 2 - 1
  for (let slot = low & last; ; slot = (slot + 1) & last) {
    const at = slot * 2
    if (slots[at] === 0) {
      slots[at] = low
      slots[at + 1] = high
      return true
    }
    if (slots[at] === low && slots[at + 1] === high) return false
  }
}
