import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isMetadataAddress, isPublicAddress } from './public-address.ts'

describe('a public address', () => {
  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.1',
    '169.253.255.255',
    '172.15.255.255',
    '172.32.0.0',
    '192.167.255.255',
    '223.255.255.255',
    '2001:4860:4860::8888',
    '2606:4700:4700::1111',
    '2a00:1450:4001:81b::200e',
  ])('is %s', (address) => expect(isPublicAddress(address)).toBe(true))

  it('has the usual spelling, or it is none', () => {
    for (const text of [
      '',
      'localhost',
      '1.1.1',
      '01.1.1.1',
      '0x01010101',
      '1.1.1.1 ',
      '2606:4700::1%eth0',
      '[2606:4700::1]',
    ]) {
      expect([text, isPublicAddress(text)]).toEqual([text, text === '2606:4700::1%eth0'])
    }
  })

  it('is nothing in front of which an IPv4 address hides', () => {
    const half = fc.integer({ min: 0, max: 0xffff }).map((number) => number.toString(16))
    const prefixes = ['::', '::ffff:', '::ffff:0:', '64:ff9b::', '64:ff9b:1::', '2001:0:1:1::']
    fc.assert(
      fc.property(fc.constantFrom(...prefixes), half, half, (prefix, high, low) => {
        const isMapped = prefix === '::ffff:'
        if (!isMapped) expect(isPublicAddress(`${prefix}${high}:${low}`)).toBe(false)
        expect(isPublicAddress(`2002:${high}:${low}::1`)).toBe(false)
      }),
    )
  })

  it('is told from metadata in any clothes', () => {
    for (const address of [
      '169.254.169.254',
      '::ffff:169.254.169.254',
      'fe80::1',
      '168.63.129.16',
      '100.100.100.200',
      'fd00:ec2::254',
    ]) {
      expect([address, isMetadataAddress(address)]).toEqual([address, true])
    }
    for (const address of ['127.0.0.1', '192.168.1.5', 'fd12::1']) expect(isMetadataAddress(address)).toBe(false)
  })
})
