import { crc32, deflateRawSync } from 'node:zlib'

export interface ZipPart {
  readonly name: string
  readonly bytes: Buffer | string
  /** A Unix mode, such as 0o120777 of a link. */
  readonly mode?: number
  /** Only marks it: the bytes stay as they are. */
  readonly encrypted?: boolean
  /** What the directory says, where that is not the truth. */
  readonly claimedSize?: number
}

/** A small zip, with whatever faults a test asks for: libraries that make zips refuse to make bad ones. */
export function makeZip(parts: readonly ZipPart[], { claimedEntries }: { claimedEntries?: number } = {}): Buffer {
  const files: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, bytes, mode = 0o100644, encrypted = false, claimedSize } of parts) {
    const data = Buffer.from(bytes)
    const packed = deflateRawSync(data)
    const nameBytes = Buffer.from(name)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    // Bit 0: encrypted; bit 11: the name is UTF-8.
    common.writeUInt16LE(0x800 | (encrypted ? 1 : 0), 2)
    common.writeUInt16LE(8, 4)
    common.writeUInt32LE(crc32(data), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(claimedSize ?? data.length, 18)
    common.writeUInt16LE(nameBytes.length, 22)
    files.push(Buffer.from('504b0304', 'hex'), common, nameBytes, packed)
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE((mode << 16) >>> 0, 6)
    rest.writeUInt32LE(offset, 10)
    directory.push(Buffer.from('504b01021403', 'hex'), common, rest, nameBytes)
    offset += 4 + common.length + nameBytes.length + packed.length
  }
  const listed = Buffer.concat(directory)
  const end = Buffer.alloc(18)
  // More than 65,534 entries, or this mark in their place, stand in the record of zip64 instead.
  const isLarge = claimedEntries !== undefined
  end.writeUInt16LE(isLarge ? 0xffff : parts.length, 4)
  end.writeUInt16LE(isLarge ? 0xffff : parts.length, 6)
  end.writeUInt32LE(listed.length, 8)
  end.writeUInt32LE(offset, 12)
  const large = isLarge ? largeEnd(claimedEntries, listed.length, offset) : Buffer.alloc(0)
  return Buffer.concat([...files, listed, large, Buffer.from('504b0506', 'hex'), end])
}

/** The end of a zip64, and its locator. */
function largeEnd(entries: number, listedLength: number, offset: number): Buffer {
  const record = Buffer.alloc(52)
  record.writeBigUInt64LE(44n, 0)
  record.writeUInt16LE(45, 8)
  record.writeUInt16LE(45, 10)
  record.writeBigUInt64LE(BigInt(entries), 20)
  record.writeBigUInt64LE(BigInt(entries), 28)
  record.writeBigUInt64LE(BigInt(listedLength), 36)
  record.writeBigUInt64LE(BigInt(offset), 44)
  const locator = Buffer.alloc(16)
  locator.writeBigUInt64LE(BigInt(offset + listedLength), 4)
  locator.writeUInt32LE(1, 12)
  return Buffer.concat([Buffer.from('504b0606', 'hex'), record, Buffer.from('504b0607', 'hex'), locator])
}
