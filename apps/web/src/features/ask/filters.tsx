import type { Outputs } from '@extropy/client'
import { getRouteApi } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { useFormat } from '../../format.ts'
import { useText } from '../../text/text.ts'
import { type Ask, list, platforms, readAsk } from './ask.search.ts'

type Understood = Outputs['query']['rag']['search']['understood'][number]

const route = getRouteApi('/')

/** What narrows the search: each a chip that goes away by a click, those too that were read in the question. */
export function Filters({ ask, understood }: { ask: Ask; understood: readonly Understood[] }) {
  const text = useText().filters
  const format = useFormat()
  const navigate = route.useNavigate()
  const [isOpen, setIsOpen] = useState(false)
  const go = (change: Partial<Ask>) => void navigate({ search: { ...ask, ...change } })
  const set: [string, Partial<Ask>][] = [
    ...(['platform', 'author'] as const).flatMap((kind): [string, Partial<Ask>][] => {
      const value = ask[kind]
      return value === undefined ? [] : [[text.chip[kind](value), { [kind]: undefined }]]
    }),
    ...(['after', 'before'] as const).flatMap((kind): [string, Partial<Ask>][] => {
      const value = ask[kind]
      return value === undefined ? [] : [[text.chip[kind](format.day(value)), { [kind]: undefined }]]
    }),
    ...list(ask.tags).map((tag): [string, Partial<Ask>] => [
      text.chip.tag(tag),
      {
        tags:
          list(ask.tags)
            .filter((other) => other !== tag)
            .join(',') || undefined,
      },
    ]),
  ]
  const inWords = ({ kind, value }: Understood) => {
    if (kind !== 'published') return text.chip[kind](value)
    const [from = '', until = ''] = value.split('/')
    return text.chip.span(format.day(from), format.day(dayBefore(until)))
  }
  return (
    <div className="filters">
      <ul aria-label={text.label} className="chips">
        {set.map(([name, without]) => (
          <li key={name}>
            <button type="button" className="chip" aria-label={text.remove(name)} onClick={() => go(without)}>
              {name} <span aria-hidden="true">×</span>
            </button>
          </li>
        ))}
        {understood.map((each) => (
          <li key={each.kind + each.value}>
            <button
              type="button"
              className="chip chip-understood"
              aria-label={text.asWords(inWords(each))}
              onClick={() => go({ words: [...list(ask.words), each.kind].join(',') })}
            >
              {inWords(each)} <small>{text.understood}</small> <span aria-hidden="true">×</span>
            </button>
          </li>
        ))}
        <li>
          <button type="button" className="chip chip-add" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
            <span aria-hidden="true">+</span> {text.add}
          </button>
        </li>
      </ul>
      {isOpen && (
        <FilterForm
          ask={ask}
          onApply={(change) => {
            setIsOpen(false)
            go(change)
          }}
        />
      )}
    </div>
  )
}

function FilterForm({ ask, onApply }: { ask: Ask; onApply: (change: Partial<Ask>) => void }) {
  const text = useText().filters
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const { q: _, words: __, ...filters } = readAsk(Object.fromEntries(new FormData(event.currentTarget)))
    onApply(filters)
  }
  return (
    <form className="filter-form" onSubmit={submit}>
      <label className="field">
        {text.platform}
        <select name="platform" defaultValue={ask.platform ?? ''}>
          <option value="">{text.anyPlatform}</option>
          {platforms.map((platform) => (
            <option key={platform}>{platform}</option>
          ))}
        </select>
      </label>
      <label className="field">
        {text.author}
        <input name="author" defaultValue={ask.author} autoComplete="off" />
      </label>
      <label className="field">
        {text.after}
        <input name="after" type="date" defaultValue={ask.after} />
      </label>
      <label className="field">
        {text.before}
        <input name="before" type="date" defaultValue={ask.before} />
      </label>
      <label className="field">
        {text.tag}
        <input name="tags" defaultValue={ask.tags} autoComplete="off" />
      </label>
      <button type="submit">{text.apply}</button>
    </form>
  )
}

/** The API names the day after the last one. */
function dayBefore(day: string): string {
  const date = new Date(day)
  date.setUTCDate(date.getUTCDate() - 1)
  return date.toISOString().slice(0, 10)
}
