import './research.css'
import { Link, useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { Failure } from '../../frame/failure.tsx'
import { useTitle } from '../../frame/use-title.ts'
import { session } from '../../session/session.ts'
import { useText } from '../../text/text.ts'
import { list } from '../ask/ask.search.ts'
import { platforms } from '../sources/sources.queries.ts'
import { targetsOf } from '../sources/targets.ts'
import { useBegin } from './research.queries.ts'

/** As the API has it. */
const mostLines = { questions: 20, targets: 20, authorities: 100 } as const
type Lines = keyof typeof mostLines

const budget = [
  ['requests', 20, 0, 1000],
  ['seconds', 300, 1, 3600],
  ['tokens', 20_000, 0, 1_000_000],
] as const

/** A brief on its way: what is typed stays, whatever becomes of the key or of the network. */
export function NewResearchPage() {
  const text = useText().research
  const words = text.form
  const navigate = useNavigate()
  const { key } = session.use()
  const begin = useBegin()
  const [tooLong, setTooLong] = useState<Lines>()
  useTitle(words.title)

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const given = (name: string) => String(form.get(name) ?? '').trim()
    const lines = (name: Lines) => targetsOf(given(name))
    const problem = (Object.keys(mostLines) as Lines[]).find((name) => lines(name).length > mostLines[name])
    setTooLong(problem)
    if (problem !== undefined) return
    begin.mutate(
      {
        name: given('name'),
        brief: given('brief'),
        questions: lines('questions'),
        targets: lines('targets'),
        targetAuthorities: lines('authorities'),
        keywords: list(given('keywords')),
        platforms: platforms.filter((each) => form.getAll('platforms').includes(each)),
        budget: {
          requests: Number(given('requests')),
          seconds: Number(given('seconds')),
          tokens: Number(given('tokens')),
        },
      },
      { onSuccess: ({ id }) => void navigate({ to: '/research/$sessionId', params: { sessionId: id } }) },
    )
  }
  return (
    <form className="new-research" onSubmit={submit} aria-label={words.title}>
      <p>
        <Link to="/research">← {text.back}</Link>
      </p>
      <h1>{words.title}</h1>
      <label className="field">
        {words.name}
        <input name="name" required maxLength={200} dir="auto" autoComplete="off" />
      </label>
      <label className="field">
        {words.brief}
        <textarea name="brief" required rows={4} maxLength={20_000} dir="auto" />
        <small>{words.briefHint}</small>
      </label>
      {(['questions', 'targets', 'authorities'] as const).map((name) => (
        <label key={name} className="field">
          {words[name]}
          <textarea name={name} rows={2} dir="auto" aria-invalid={tooLong === name} />
          <small>{words[`${name}Hint`]}</small>
          {tooLong === name && (
            <span role="alert" className="problem">
              {words.tooManyLines(mostLines[name])}
            </span>
          )}
        </label>
      ))}
      <label className="field">
        {words.keywords}
        <input name="keywords" autoComplete="off" dir="auto" />
        <small>{words.keywordsHint}</small>
      </label>
      <fieldset>
        <legend>{words.platforms}</legend>
        <div className="row">
          {platforms.map((each) => (
            <label key={each} className="check">
              <input type="checkbox" name="platforms" value={each} /> {each}
            </label>
          ))}
        </div>
        <small>{words.platformsHint}</small>
      </fieldset>
      <fieldset>
        <legend>{words.budget}</legend>
        <div className="budget-fields">
          {budget.map(([name, usual, min, max]) => (
            <label key={name} className="field">
              {words[name]}
              <input name={name} type="number" required defaultValue={usual} min={min} max={max} step={1} />
            </label>
          ))}
        </div>
        <small>{words.budgetHint}</small>
      </fieldset>
      {begin.error && <Failure error={begin.error} />}
      {key === undefined && <p className="notice">{words.needsKey}</p>}
      <div className="row">
        <button type="submit" className="primary" disabled={begin.isPending || key === undefined}>
          {words.submit}
        </button>
      </div>
    </form>
  )
}
