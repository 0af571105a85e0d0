/** Stands for a number of a JSON text that a JavaScript number would change. */
export class InexactNumber {
  readonly source: string
  constructor(source: string) {
    this.source = source
  }
}

/**
 * Like `JSON.parse`, with an `InexactNumber` where a number does not survive it: 1590000000000000001 or 1e400.
 *
 * @throws SyntaxError
 * @throws RangeError where it is nested some thousand levels deep.
 */
export function parseExactJson(text: string): unknown {
  // The context is newer than its types.
  return JSON.parse(text, (_key, value: unknown, { source = '' }: { source?: string } = {}) =>
    typeof value === 'number' && significant(source) !== significant(String(value)) ? new InexactNumber(source) : value,
  )
}

/** Longer than any number that a JavaScript number keeps, but for zeros at its ends. */
const maxSourceLength = 400

/** The form that all spellings of one number share: its digits between the zeros at both ends, and the last one's place. */
function significant(number: string): string {
  const parts = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(number)
  if (parts === null || number.length > maxSourceLength) return number
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  const short = digits.replace(/0+$/, '')
  return short === '' ? '0' : `${sign}${short}e${Number(exponent) - fraction.length + digits.length - short.length}`
}
