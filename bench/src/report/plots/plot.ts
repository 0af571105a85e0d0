import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'

/** One picture of the report, drawn for a desk and for a phone: scaled down, its text could not be read. */
export interface Picture {
  readonly id: string
  readonly title: string
  /** The plot in words, for screen readers. */
  readonly description: string
  readonly wide: string
  readonly narrow: string
  readonly legend: readonly LegendEntry[]
}

interface LegendEntry {
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

export interface About {
  readonly id: string
  readonly title: string
  readonly description: string
  readonly legend?: readonly LegendEntry[]
}

const widths = { wide: 760, narrow: 340 }

/** Draws in both widths, with room for the axis below. */
export function picture(about: About, draw: (isNarrow: boolean) => Plot.PlotOptions): Picture {
  const render = (kind: keyof typeof widths) =>
    svg({ marginBottom: 38, ...draw(kind === 'narrow'), width: widths[kind] }, about, kind)
  return { legend: [], ...about, wide: render('wide'), narrow: render('narrow') }
}

/** The name of each facet, in its upper left corner. */
export function facetNames(names: readonly string[]): Plot.Markish {
  return Plot.text(names, {
    fy: (name) => name,
    text: (name) => name,
    frameAnchor: 'top-left',
    dy: -13,
    fontWeight: 600,
    fontSize: 11,
  })
}

/** The part of the DOM's SVGElement used here: the compiler's library has no DOM. */
interface SvgElement {
  readonly firstChild: unknown
  readonly outerHTML: string
  setAttribute(name: string, value: string): void
  insertBefore(child: unknown, before: unknown): void
  querySelector(selector: string): { remove(): void } | null
}

function svg(options: Plot.PlotOptions, { id, title, description }: About, kind: string): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const drawn = Plot.plot({ ...options, figure: false, document: document as never } as Plot.PlotOptions)
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
