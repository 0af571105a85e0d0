import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'

/** One picture of the report, drawn for a desk and for a phone: scaled down, its text could not be read. */
export interface Picture {
  readonly id: string
  readonly title: string
  /** What a reader sees who does not see it. */
  readonly description: string
  readonly wide: string
  readonly narrow: string
  readonly legend: readonly LegendEntry[]
}

export interface LegendEntry {
  readonly label: string
  /** A CSS colour, or a variable of `page.css`. */
  readonly color: string
}

/** Colours that page and picture share; both themes define them. */
export const colors = {
  own: 'var(--own)',
  peer: 'var(--peer)',
  limit: 'var(--limit)',
  series: ['var(--own)', 'var(--second)', 'var(--third)', 'var(--fourth)', 'var(--fifth)', 'var(--sixth)'],
} as const

const widths = { wide: 760, narrow: 340 }

/** Draws in both widths. `draw` gets the width and whether it is the narrow one. */
export function picture(
  about: Pick<Picture, 'id' | 'title' | 'description'> & { readonly legend?: readonly LegendEntry[] },
  draw: (width: number, isNarrow: boolean) => Plot.PlotOptions,
): Picture {
  const { legend = [], ...rest } = about
  const render = (kind: keyof typeof widths) => svg(draw(widths[kind], kind === 'narrow'), widths[kind], rest, kind)
  return { ...rest, legend, wide: render('wide'), narrow: render('narrow') }
}

/** What is used of it: the compiler's library has no DOM here. */
interface SvgElement {
  readonly firstChild: unknown
  readonly outerHTML: string
  setAttribute(name: string, value: string): void
  insertBefore(child: unknown, before: unknown): void
  querySelector(selector: string): { remove(): void } | null
}

function svg(
  options: Plot.PlotOptions,
  width: number,
  { id, title, description }: Pick<Picture, 'id' | 'title' | 'description'>,
  kind: string,
): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const drawn = Plot.plot({ ...options, width, figure: false, document: document as never } as Plot.PlotOptions)
  const element = drawn as unknown as SvgElement
  element.setAttribute('role', 'img')
  element.setAttribute('aria-labelledby', `${id}-${kind}-title ${id}-${kind}-text`)
  const add = (name: string, suffix: string, text: string) => {
    const child = document.createElementNS('http://www.w3.org/2000/svg', name)
    child.setAttribute('id', `${id}-${kind}-${suffix}`)
    child.textContent = text
    element.insertBefore(child, element.firstChild)
  }
  add('desc', 'text', description)
  add('title', 'title', title)
  // The page has one background and one type for all of them.
  element.querySelector('style')?.remove()
  return element.outerHTML
}
