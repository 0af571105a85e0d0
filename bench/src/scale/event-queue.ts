interface Event {
  readonly atUs: number
  /** Of events at one time, the first one planned comes first. */
  readonly order: number
  readonly run: () => void
}

/** A clock that jumps from event to event: a binary heap, the earliest on top. */
export function createEventQueue() {
  const heap: Event[] = []
  let nowUs = 0
  let planned = 0
  const isBefore = (a: Event, b: Event) => a.atUs < b.atUs || (a.atUs === b.atUs && a.order < b.order)
  const swap = (a: number, b: number) => {
    const kept = heap[a] as Event
    heap[a] = heap[b] as Event
    heap[b] = kept
  }
  const isLess = (a: number, b: number) => isBefore(heap[a] as Event, heap[b] as Event)
  return {
    nowUs: () => nowUs,
    after(delayUs: number, run: () => void): void {
      heap.push({ atUs: nowUs + delayUs, order: planned++, run })
      for (let at = heap.length - 1; at > 0; ) {
        const parent = (at - 1) >> 1
        if (!isLess(at, parent)) break
        swap(at, parent)
        at = parent
      }
    },
    /** Runs the next event; false where there is none. */
    step(): boolean {
      const first = heap[0]
      if (first === undefined) return false
      const last = heap.pop() as Event
      if (heap.length > 0) {
        heap[0] = last
        for (let at = 0; ; ) {
          const [left, right] = [2 * at + 1, 2 * at + 2]
          let least = at
          if (left < heap.length && isLess(left, least)) least = left
          if (right < heap.length && isLess(right, least)) least = right
          if (least === at) break
          swap(at, least)
          at = least
        }
      }
      nowUs = first.atUs
      first.run()
      return true
    },
  }
}
