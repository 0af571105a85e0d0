import './ask.css'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { Failure } from '../../frame/failure.tsx'
import { useLater } from '../../frame/use-later.ts'
import { useTitle } from '../../frame/use-title.ts'
import { useText } from '../../text/text.ts'
import { AnswerView } from './answer.tsx'
import { answerOptions, resultsOptions } from './ask.queries.ts'
import { toInput } from './ask.search.ts'
import { AskBox } from './ask-box.tsx'
import { Filters } from './filters.tsx'
import { Results } from './results.tsx'
import { Welcome } from './welcome.tsx'

const route = getRouteApi('/')

/** A search takes some 30 ms: with this, its results are there within 100 of the last letter. */
const typingPauseMs = 50
const leastToSearch = 3

export function AskPage() {
  const text = useText()
  const ask = route.useSearch()
  const navigate = route.useNavigate()
  const asked = ask.q?.trim() ?? ''
  useTitle(asked === '' ? undefined : asked)

  // Typed words belong to the question that was there when typing began: Back shows that question again, not them.
  const [typed, setTyped] = useState({ over: asked, words: asked })
  const words = typed.over === asked ? typed.words : asked
  const settled = useLater(words.trim(), typingPauseMs)
  const isTyping = words.trim() !== asked
  const prompt = isTyping && settled.length >= leastToSearch ? settled : asked

  const answer = useQuery({ ...answerOptions(toInput(asked, ask)), enabled: asked !== '' })
  const results = useQuery({ ...resultsOptions(toInput(prompt, ask)), enabled: prompt !== '' })
  const search = prompt === '' ? undefined : results.data?.search
  const isNotHere = answer.data?.done !== undefined && answer.data.sentences.length === 0
  const found = isTyping ? text.ask.resultsWhile : isNotHere ? text.ask.nearest : text.ask.results
  const understood = search?.understood ?? answer.data?.understood ?? []

  return (
    <div className={asked === '' && prompt === '' ? 'ask ask-empty' : 'ask'}>
      {asked === '' && prompt === '' ? <Welcome.Lead /> : <h1 className="unseen">{text.ask.title}</h1>}
      <AskBox
        words={words}
        onWords={(next) => setTyped({ over: asked, words: next })}
        onAsk={() => {
          const q = words.trim()
          if (q !== '') void navigate({ search: { ...ask, q, words: q === asked ? ask.words : undefined } })
        }}
      />
      <Filters ask={ask} understood={prompt === '' ? [] : understood} />
      {asked === '' && prompt === '' && <Welcome.Suggestions />}
      {asked !== '' && !isTyping && <AnswerView ask={ask} query={answer} />}
      {prompt !== '' && (
        <section aria-label={found} className="found">
          <h2 className="small-title">{found}</h2>
          {results.error && !answer.error && <Failure error={results.error} onRetry={results.refetch} />}
          {results.data && (
            <Results
              found={results.data}
              answer={isTyping ? undefined : answer.data}
              isOld={results.isPlaceholderData}
            />
          )}
        </section>
      )}
    </div>
  )
}
