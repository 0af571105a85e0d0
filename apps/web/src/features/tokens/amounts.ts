const places = 8

/** An amount in its smallest unit: exact, which a JavaScript number is not. */
export function units(amount: string): bigint {
  const [whole = '0', fraction = ''] = amount.replace('-', '').split('.')
  const value = BigInt(whole + fraction.padEnd(places, '0').slice(0, places))
  return amount.startsWith('-') ? -value : value
}

export function toAmount(value: bigint): string {
  const digits = (value < 0n ? -value : value).toString().padStart(places + 1, '0')
  return `${value < 0n ? '-' : ''}${digits.slice(0, -places)}.${digits.slice(-places)}`
}

/** Undefined where it is no amount that the API takes. A comma is read as the point. */
export function readAmount(text: string): string | undefined {
  const amount = text.trim().replace(',', '.')
  return /^\d{1,12}(\.\d{1,8})?$/.test(amount) && units(amount) > 0n ? amount : undefined
}
