import { useLanguage } from './text/text.ts'

const locales = { en: 'en-GB', de: 'de-DE' } as const

const units = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const

/** Numbers, dates and amounts as the chosen language writes them. */
export function useFormat() {
  const locale = locales[useLanguage()]
  return {
    number: (value: number, digits = 0) =>
      value.toLocaleString(locale, { maximumFractionDigits: digits, minimumFractionDigits: 0 }),
    percent: (share: number) => share.toLocaleString(locale, { style: 'percent', maximumFractionDigits: 1 }),
    day: (iso: string) => new Date(iso).toLocaleDateString(locale, { dateStyle: 'long', timeZone: 'UTC' }),
    month: (iso: string) =>
      new Date(iso).toLocaleDateString(locale, { month: 'long', year: 'numeric', timeZone: 'UTC' }),
    /** `in 3 hours`, `2 days ago`. */
    fromNow: (iso: string) => {
      const seconds = (Date.parse(iso) - Date.now()) / 1000
      const [unit, length] = units.find(([, each]) => Math.abs(seconds) >= each) ?? ['second', 1]
      return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(Math.round(seconds / length), unit)
    },
    time: (iso: string) => new Date(iso).toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'short' }),
  }
}

/** `1.50000000` is shown as `1.5`. Never a JavaScript number: amounts have 8 exact places. */
export function tokens(amount: string): string {
  return amount.includes('.') ? amount.replace(/\.?0+$/, '') : amount
}
