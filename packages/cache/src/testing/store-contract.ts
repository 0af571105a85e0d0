import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Session, SharedStore, StoreMessage } from '../stores/store.ts'

/** A store under test. */
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

const longLeaseMs = 60_000

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
      leaseMs = longLeaseMs,
    ): Promise<Member & { seq: number; epoch: string; young: string | undefined }> {
      const opened = await open()
      return { ...opened, ...(await opened.session.join(member, `epoch of ${member}`, leaseMs)) }
    }
    const bytes = Buffer.from([0, 255, 10, 13, 128, 0])
    const entry = (seq: number, tags: string[] = ['a']) => ({ key: 'k', bytes, tags, seq, keepMs: 60_000 })

    test('gives back bytes, tags and the time left', async () => {
      const { session, seq } = await join('m')
      expect(await session.write(entry(seq, ['a', 'ü"}{ 🙂']))).toBe(true)
      const read = await session.read({ key: 'k' })
      expect(read).toMatchObject({ found: true, tags: ['a', 'ü"}{ 🙂'] })
      if (!read.found) throw new Error('not found')
      expect(Buffer.from(read.bytes).equals(bytes)).toBe(true)
      expect(read.remainingMs).toBeGreaterThan(55_000)
      expect(read.remainingMs).toBeLessThanOrEqual(60_000)
    })

    test('forgets what has expired', async () => {
      const { session, seq } = await join('m')
      await session.write({ ...entry(seq), keepMs: 1 })
      await expect.poll(() => session.read({ key: 'k' })).toEqual({ found: false, leads: false })
    })

    test('does not find what one of its tags or everything was invalidated after', async () => {
      const { session, seq } = await join('m')
      let now = seq
      for (const what of [['b'], 'all'] as const) {
        await session.write(entry(now, ['a', 'b']))
        expect((await session.read({ key: 'k' })).found).toBe(true)
        now = (await session.invalidate(what)).seq
        expect(await session.read({ key: 'k' }), JSON.stringify(what)).toEqual({ found: false, leads: false })
      }
    })

    test('finds what only other tags were invalidated after', async () => {
      const { session, seq } = await join('m')
      await session.write(entry(seq))
      await session.invalidate(['other'])
      expect((await session.read({ key: 'k' })).found).toBe(true)
    })

    test('refuses what was read before an invalidation that concerns it', async () => {
      const { session, seq } = await join('m')
      await session.invalidate(['a'])
      expect(await session.write(entry(seq))).toBe(false)
      expect(await session.write(entry(seq, ['other']))).toBe(true)
      await session.invalidate('all')
      expect(await session.write(entry(seq, ['other']))).toBe(false)
    })

    test('refuses it however many invalidations came since', async () => {
      const { session, seq } = await join('m')
      await session.invalidate(['a'])
      for (let batch = 0; batch < 6; batch += 1) {
        const tags = Array.from({ length: 20_000 }, (_, i) => `${batch} ${i}`)
        await session.invalidate(tags)
      }
      expect(await session.write(entry(seq))).toBe(false)
    })

    test('lets one caller load, until it stores, gives up or takes too long', async () => {
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
      await session.invalidate(['a'])
      expect(await lead('four')).toEqual({ found: false, leads: true })
    })

    test('tells every member of every invalidation, in order, and who else there is', async () => {
      const one = await join('one')
      const two = await join('two')
      const first = await one.session.invalidate(['x', 'y'])
      const second = await two.session.invalidate('all')
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
            { epoch, seq: first.seq, from: 'one', what: ['x', 'y'] },
            { epoch, seq: second.seq, from: 'two', what: 'all' },
          ])
      }
    })

    test('brings an acknowledgement to its member alone', async () => {
      const one = await join('one')
      const two = await join('two')
      two.session.ack('one', 7)
      await expect.poll(() => one.acks).toEqual([{ from: 'two', seq: 7 }])
      expect(two.acks).toEqual([])
    })

    test('counts renewals, and evicts only members that have not renewed since', async () => {
      const one = await join('one')
      const two = await join('two')
      expect(await two.session.renew(longLeaseMs)).toBe(two.seq)
      await one.session.evict(new Map([['two', 0]]))
      expect((await one.session.invalidate([])).members.get('two')).toBe(1)
      await one.session.evict(new Map([['two', 1]]))
      await expect(two.session.renew(longLeaseMs)).rejects.toThrow(/epoch/)
      await expect(two.session.read({ key: 'k' })).rejects.toThrow(/epoch/)
    })

    test('is young from the beginning of an epoch until its members are confirmed', async () => {
      const one = await join('one')
      expect(one.young).toBe('one')
      await one.session.confirmMembers('another')
      expect((await join('two')).young).toBe('one')
      await one.session.confirmMembers('one')
      expect((await join('three')).young).toBeUndefined()
    })

    test('keeps its entries for the next member where all have left in good order', async () => {
      const one = await join('one', 1)
      await one.session.write(entry(one.seq))
      await one.session.leave()
      one.session.close()
      const two = await join('two')
      expect((await two.session.read({ key: 'k' })).found).toBe(true)
    })

    test('makes its entries unreachable where members fell silent and nobody was there to hear of invalidations', async () => {
      const one = await join('one', 1)
      await one.session.write(entry(one.seq))
      one.session.close()
      await new Promise((resolve) => setTimeout(resolve, 10))
      const two = await join('two')
      expect((await two.session.read({ key: 'k' })).found).toBe(false)
      expect(two.young).toBe('two')
    })

    test('keeps its entries where one member fell silent and another is there', async () => {
      const one = await join('one', 1)
      await one.session.write(entry(one.seq))
      one.session.close()
      await join('two', longLeaseMs)
      const before = await join('three')
      await before.session.write(entry(before.seq))
      expect((await (await join('four')).session.read({ key: 'k' })).found).toBe(true)
    })

    test('begins a new epoch when its memory was lost, and knows nobody of the old one', async () => {
      const one = await join('one')
      await one.session.write(entry(one.seq))
      await subject.flush()
      await expect(one.session.renew(longLeaseMs)).rejects.toThrow(/epoch/)
      await expect(one.session.invalidate([])).rejects.toThrow(/epoch/)
      const two = await join('two')
      expect(two.epoch).not.toBe(one.epoch)
      expect(two.young).toBe('two')
      await expect(one.session.write(entry(one.seq))).rejects.toThrow(/epoch/)
      expect((await two.session.read({ key: 'k' })).found).toBe(false)
    })

    test('survives names of every kind', async () => {
      const { session, seq } = await join('m')
      for (const name of ['', ' ', '{', '}{', '\u0000', '\ud800', '🙂', 'a'.repeat(5_000)]) {
        await session.write({ ...entry(seq, [name]), key: name })
        expect((await session.read({ key: name })).found).toBe(true)
        await session.invalidate([name])
        expect((await session.read({ key: name })).found).toBe(false)
      }
    })

    test('tells names apart that UTF-8 cannot, and brings them back', async () => {
      const one = await join('one')
      const names = ['\ud800', '\ud801', '\ufffd', '\u0000"\\ud800"']
      for (const name of names) await one.session.write({ ...entry(one.seq, [name]), key: name })
      for (const name of names) expect(await one.session.read({ key: name })).toMatchObject({ tags: [name] })
      await one.session.invalidate(['\ud800', '\ud801'])
      await expect.poll(() => one.messages).toMatchObject([{ what: ['\ud800', '\ud801'] }])
      const found = await Promise.all(names.map((key) => one.session.read({ key })))
      expect(found.map((each) => each.found)).toEqual([false, false, true, true])
    })

    test('takes thousands of tags in one go', async () => {
      const { session, seq } = await join('m')
      const tags = Array.from({ length: 9_000 }, (_, i) => `tag ${i}`)
      await session.write(entry(seq, tags))
      expect((await session.read({ key: 'k' })).found).toBe(true)
      await session.invalidate(tags)
      expect((await session.read({ key: 'k' })).found).toBe(false)
    })

    const { evict } = subject
    if (evict !== undefined) {
      test('finds nothing old where its marks alone were evicted', async () => {
        const { session, seq } = await join('m')
        for (const again of [false, true]) {
          await session.write(entry(seq, ['b']))
          const { seq: now } = await session.invalidate(['a'])
          await session.write({ ...entry(now, []), key: 'new' })
          await evict('marks')
          if (again) await session.invalidate(['other'])
          expect(await session.write(entry(seq))).toBe(false)
          expect((await session.read({ key: 'k' })).found).toBe(false)
          expect((await session.read({ key: 'new' })).found).toBe(true)
        }
      })

      test('is young again where its members alone were evicted', async () => {
        const one = await join('one')
        await one.session.confirmMembers('one')
        await evict('members')
        await expect(one.session.renew(longLeaseMs)).rejects.toThrow(/epoch/)
        expect((await join('two')).young).toBe('two')
      })
    }
  })
}
