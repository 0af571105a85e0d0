import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Session, SharedStore, StoreMessage } from '../stores/store.ts'

/** What the suite needs to know of a store. */
export interface ContractSubject {
  /** A store without any data, apart from all others. */
  create(): SharedStore
  /** Loses all data of the store that `create` made last, as FLUSHALL does. */
  flush(): Promise<void>
  /** Loses one part of that store's data alone, as eviction does. Left out where that cannot happen. */
  evict?(part: 'marks' | 'members'): Promise<void>
}

interface Member {
  readonly session: Session
  readonly messages: StoreMessage[]
  readonly acks: { from: string; seq: number }[]
}

const LEASE_MS = 60_000
const NOTHING = { tags: [], keys: [], soft: false, all: false }

/** The suite that every shared store passes. Call it at the top of a test file. */
export function testStoreContract(name: string, subject: ContractSubject): void {
  describe(`${name} keeps the contract of shared stores`, () => {
    let store: SharedStore
    let opened: Session[]

    beforeEach(() => {
      store = subject.create()
      opened = []
    })
    afterEach(() => {
      for (const session of opened) session.close()
    })

    async function open(): Promise<Member> {
      const messages: StoreMessage[] = []
      const acks: Member['acks'] = []
      const handlers = {
        onMessage: (message: StoreMessage) => messages.push(message),
        onAck: (from: string, seq: number) => acks.push({ from, seq }),
        onClose: () => undefined,
      }
      const session = await store.open(handlers, new AbortController().signal)
      opened.push(session)
      return { session, messages, acks }
    }
    async function join(
      member: string,
      leaseMs = LEASE_MS,
    ): Promise<Member & { seq: number; epoch: string; young: string | undefined }> {
      const opened = await open()
      return { ...opened, ...(await opened.session.join(member, `epoch of ${member}`, leaseMs)) }
    }
    const bytes = Buffer.from([0, 255, 10, 13, 128, 0])
    const entry = (seq: number, tags: string[] = ['a']) => ({ key: 'k', bytes, tags, seq, keepMs: 60_000 })

    it('gives back bytes, tags and the time left', async () => {
      const { session, seq } = await join('m')
      expect(await session.write(entry(seq, ['a', 'ü"}{ 🙂']))).toBe(true)
      const read = await session.read({ key: 'k' })
      expect(read).toMatchObject({ found: true, tags: ['a', 'ü"}{ 🙂'] })
      if (!read.found) throw new Error('not found')
      expect(Buffer.from(read.bytes).equals(bytes)).toBe(true)
      expect(read.remainingMs).toBeGreaterThan(55_000)
      expect(read.remainingMs).toBeLessThanOrEqual(60_000)
    })

    it('forgets what has expired', async () => {
      const { session, seq } = await join('m')
      await session.write({ ...entry(seq), keepMs: 1 })
      await expect.poll(() => session.read({ key: 'k' })).toEqual({ found: false, leads: false })
    })

    it('does not find what one of its tags, its key or everything was invalidated after', async () => {
      const { session, seq } = await join('m')
      let now = seq
      for (const what of [{ tags: ['b'] }, { keys: ['k'] }, { all: true }, { tags: ['b'], soft: true }]) {
        await session.write(entry(now, ['a', 'b']))
        expect((await session.read({ key: 'k' })).found).toBe(true)
        now = (await session.invalidate({ ...NOTHING, ...what })).seq
        expect(await session.read({ key: 'k' }), JSON.stringify(what)).toEqual({ found: false, leads: false })
      }
    })

    it('finds what only other tags and keys were invalidated after', async () => {
      const { session, seq } = await join('m')
      await session.write(entry(seq))
      await session.invalidate({ ...NOTHING, tags: ['other'], keys: ['other'] })
      expect((await session.read({ key: 'k' })).found).toBe(true)
    })

    it('refuses what was read before an invalidation that concerns it', async () => {
      const { session, seq } = await join('m')
      await session.invalidate({ ...NOTHING, tags: ['a'] })
      expect(await session.write(entry(seq))).toBe(false)
      expect(await session.write(entry(seq, ['other']))).toBe(true)
      await session.invalidate({ ...NOTHING, all: true })
      expect(await session.write(entry(seq, ['other']))).toBe(false)
    })

    it('refuses it however many invalidations came since', async () => {
      const { session, seq } = await join('m')
      await session.invalidate({ ...NOTHING, tags: ['a'] })
      for (let batch = 0; batch < 6; batch += 1) {
        const tags = Array.from({ length: 20_000 }, (_, i) => `${batch} ${i}`)
        await session.invalidate({ ...NOTHING, tags })
      }
      expect(await session.write(entry(seq))).toBe(false)
    })

    it.skipIf(subject.evict === undefined)('finds nothing old where its marks alone were evicted', async () => {
      const { session, seq } = await join('m')
      for (const again of [false, true]) {
        await session.write(entry(seq, ['b']))
        const { seq: now } = await session.invalidate({ ...NOTHING, tags: ['a'] })
        await session.write({ ...entry(now, []), key: 'new' })
        await subject.evict?.('marks')
        if (again) await session.invalidate({ ...NOTHING, tags: ['other'] })
        expect(await session.write(entry(seq))).toBe(false)
        expect((await session.read({ key: 'k' })).found).toBe(false)
        expect((await session.read({ key: 'new' })).found).toBe(true)
      }
    })

    it.skipIf(subject.evict === undefined)('is young again where its members alone were evicted', async () => {
      const one = await join('one')
      await one.session.settle('one')
      await subject.evict?.('members')
      await expect(one.session.renew(LEASE_MS)).rejects.toThrow(/epoch/)
      expect((await join('two')).young).toBe('two')
    })

    it('puts a value in the step that invalidates its key', async () => {
      const { session, seq } = await join('m')
      await session.write(entry(seq))
      const put = { ...entry(seq), bytes: Buffer.from('new') }
      const { stored, seq: now } = await session.invalidate({ ...NOTHING, keys: ['k'], put })
      expect(stored).toBe(true)
      expect(await session.read({ key: 'k' })).toMatchObject({ found: true, bytes: Buffer.from('new') })
      await session.invalidate({ ...NOTHING, tags: ['a'] })
      for (const late of [put, { ...put, seq: now }]) {
        expect(await session.invalidate({ ...NOTHING, keys: ['k'], put: late })).toMatchObject({ stored: false })
        expect((await session.read({ key: 'k' })).found).toBe(false)
      }
    })

    it('lets one caller load, until it stores, gives up or takes too long', async () => {
      const { session, seq } = await join('m')
      const lead = (token: string, lockMs = 60_000) => session.read({ key: 'k', lead: { token, lockMs } })
      expect(await lead('one')).toEqual({ found: false, leads: true })
      expect(await lead('two')).toEqual({ found: false, leads: false })
      await session.release('k', 'two')
      expect(await lead('two')).toEqual({ found: false, leads: false })
      await session.release('k', 'one')
      expect(await lead('two', 1)).toEqual({ found: false, leads: true })
      await expect.poll(() => lead('three')).toEqual({ found: false, leads: true })
      await session.write({ ...entry(seq), token: 'three' })
      await session.invalidate({ ...NOTHING, keys: ['k'] })
      expect(await lead('four')).toEqual({ found: false, leads: true })
    })

    it('tells every member of every invalidation, in order, and who else there is', async () => {
      const one = await join('one')
      const two = await join('two')
      const first = await one.session.invalidate({ ...NOTHING, tags: ['x', 'y'], keys: ['k'] })
      const second = await two.session.invalidate({ ...NOTHING, soft: true, tags: ['z'] })
      expect(second.seq).toBe(first.seq + 1)
      expect(first.members).toEqual(
        new Map([
          ['one', 0],
          ['two', 0],
        ]),
      )
      const { epoch } = one
      for (const { messages } of [one, two]) {
        await expect
          .poll(() => messages)
          .toEqual([
            { epoch, seq: first.seq, from: 'one', tags: ['x', 'y'], keys: ['k'], soft: false, all: false },
            { epoch, seq: second.seq, from: 'two', tags: ['z'], keys: [], soft: true, all: false },
          ])
      }
    })

    it('brings an acknowledgement to its member alone', async () => {
      const one = await join('one')
      const two = await join('two')
      two.session.ack('one', 7)
      await expect.poll(() => one.acks).toEqual([{ from: 'two', seq: 7 }])
      expect(two.acks).toEqual([])
    })

    it('counts renewals, and evicts only members that have not renewed since', async () => {
      const one = await join('one')
      const two = await join('two')
      expect(await two.session.renew(LEASE_MS)).toBe(two.seq)
      await one.session.evict(new Map([['two', 0]]))
      expect((await one.session.invalidate(NOTHING)).members.get('two')).toBe(1)
      await one.session.evict(new Map([['two', 1]]))
      await expect(two.session.renew(LEASE_MS)).rejects.toThrow(/epoch/)
      await expect(two.session.read({ key: 'k' })).rejects.toThrow(/epoch/)
    })

    it('is young from the beginning of an epoch until it is settled', async () => {
      const one = await join('one')
      expect(one.young).toBe('one')
      await one.session.settle('another')
      expect((await join('two')).young).toBe('one')
      await one.session.settle('one')
      expect((await join('three')).young).toBeUndefined()
    })

    it('keeps its entries for the next member where all have left in good order', async () => {
      const one = await join('one', 1)
      await one.session.write(entry(one.seq))
      await one.session.leave()
      one.session.close()
      const two = await join('two')
      expect((await two.session.read({ key: 'k' })).found).toBe(true)
    })

    it('makes its entries unreachable where members fell silent and nobody was there to hear of invalidations', async () => {
      const one = await join('one', 1)
      await one.session.write(entry(one.seq))
      one.session.close()
      await new Promise((resolve) => setTimeout(resolve, 10))
      const two = await join('two')
      expect((await two.session.read({ key: 'k' })).found).toBe(false)
      expect(two.young).toBe('two')
    })

    it('keeps its entries where one member fell silent and another is there', async () => {
      const one = await join('one', 1)
      await one.session.write(entry(one.seq))
      one.session.close()
      await join('two', LEASE_MS)
      const before = await join('three')
      await before.session.write(entry(before.seq))
      expect((await (await join('four')).session.read({ key: 'k' })).found).toBe(true)
    })

    it('begins a new epoch when its memory was lost, and knows nobody of the old one', async () => {
      const one = await join('one')
      await one.session.write(entry(one.seq))
      await subject.flush()
      await expect(one.session.renew(LEASE_MS)).rejects.toThrow(/epoch/)
      await expect(one.session.invalidate(NOTHING)).rejects.toThrow(/epoch/)
      const two = await join('two')
      expect(two.epoch).not.toBe(one.epoch)
      expect(two.young).toBe('two')
      await expect(one.session.write(entry(one.seq))).rejects.toThrow(/epoch/)
      expect((await two.session.read({ key: 'k' })).found).toBe(false)
    })

    it('survives names of every kind', async () => {
      const { session, seq } = await join('m')
      for (const name of ['', ' ', '{', '}{', '\u0000', '\ud800', '🙂', 'a'.repeat(5_000)]) {
        await session.write({ ...entry(seq, [name]), key: name })
        expect((await session.read({ key: name })).found).toBe(true)
        const { seq: after } = await session.invalidate({ ...NOTHING, tags: [name] })
        expect((await session.read({ key: name })).found).toBe(false)
        await session.write({ ...entry(after, []), key: name })
        await session.invalidate({ ...NOTHING, keys: [name] })
        expect((await session.read({ key: name })).found).toBe(false)
      }
    })

    it('tells names apart that UTF-8 cannot, and brings them back', async () => {
      const one = await join('one')
      const names = ['\ud800', '\ud801', '\ufffd', '\u0000"\\ud800"']
      for (const name of names) await one.session.write({ ...entry(one.seq, [name]), key: name })
      for (const name of names) expect(await one.session.read({ key: name })).toMatchObject({ tags: [name] })
      await one.session.invalidate({ ...NOTHING, tags: ['\ud800'], keys: ['\ud801'] })
      await expect.poll(() => one.messages).toMatchObject([{ tags: ['\ud800'], keys: ['\ud801'] }])
      const found = await Promise.all(names.map((key) => one.session.read({ key })))
      expect(found.map((each) => each.found)).toEqual([false, false, true, true])
    })

    it('takes thousands of tags in one go', async () => {
      const { session, seq } = await join('m')
      const tags = Array.from({ length: 9_000 }, (_, i) => `tag ${i}`)
      await session.write(entry(seq, tags))
      expect((await session.read({ key: 'k' })).found).toBe(true)
      await session.invalidate({ ...NOTHING, tags })
      expect((await session.read({ key: 'k' })).found).toBe(false)
    })
  })
}
