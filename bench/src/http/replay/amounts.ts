const places = 8

/** Decimal text with 8 places as whole units of the last one, and back. */
function toUnits(amount: string): bigint {
  const [whole = '0', fraction = ''] = amount.split('.')
  return BigInt(whole + fraction.padEnd(places, '0'))
}

function toAmount(units: bigint): string {
  const digits = units.toString().padStart(places + 1, '0')
  return `${digits.slice(0, -places)}.${digits.slice(-places)}`
}

export const plus = (balance: string, change: string): string => toAmount(toUnits(balance) + toUnits(change))
export const minus = (balance: string, change: string): string => toAmount(toUnits(balance) - toUnits(change))
