import type { Outputs, SearchResult } from '@extropy/client'
import { Link } from '@tanstack/react-router'
import { useRef } from 'react'
import { useFormat } from '../../format.ts'
import { useShortcuts } from '../../frame/shortcuts.ts'
import { useText } from '../../text/text.ts'
import { markOf } from '../read/mark.ts'
import type { Answer } from './ask.queries.ts'
import { excerpt } from './excerpt.ts'
import { contentOf, numberSources } from './number-sources.ts'

interface ResultsProps {
  readonly found: Outputs['query']['rag']
  readonly answer: Answer | undefined
  /** Of the words before, while the search for the new ones runs. */
  readonly isOld: boolean
}

export function Results({ found, answer, isOld }: ResultsProps) {
  const text = useText().ask
  const format = useFormat()
  const list = useRef<HTMLOListElement>(null)
  const numbers = numberSources(answer?.sentences ?? [])
  const { search, results } = found
  const step = (by: 1 | -1) => {
    const links = [...(list.current?.querySelectorAll<HTMLElement>('a.result-title') ?? [])]
    const at = links.indexOf(document.activeElement as HTMLElement)
    links[Math.max(0, Math.min(links.length - 1, at < 0 ? 0 : at + by))]?.focus()
  }
  useShortcuts({
    j: () => step(1),
    k: () => step(-1),
    o() {
      const focused = document.activeElement
      if (focused instanceof HTMLElement && list.current?.contains(focused)) focused.click()
    },
  })
  // The answer's own notice has said which words are missing.
  const isSaid = answer?.done?.notice != null
  const unknown = isSaid
    ? []
    : search.words.filter(({ passages, insteadOf }) => passages === 0 || insteadOf !== undefined)
  return (
    <>
      {(search.notice !== null || unknown.length > 0 || search.embeddedShare < 1) && (
        <div className="search-notes">
          {search.notice && <p>{search.notice}</p>}
          {unknown.map(({ word, insteadOf }) => (
            <p key={word}>{insteadOf === undefined ? text.unknownWord(word) : text.insteadOf(insteadOf, word)}</p>
          ))}
          {search.embeddedShare < 1 && <p>{text.partly(format.percent(search.embeddedShare))}</p>}
        </div>
      )}
      {results.length === 0 ? (
        <p className="quiet">{text.none}</p>
      ) : (
        <ol ref={list} className="results" aria-busy={isOld}>
          {results.map((result) => (
            <Result key={result.passage.id} result={result} number={numbers.get(contentOf(result.passage.id))} />
          ))}
        </ol>
      )}
    </>
  )
}

function Result({ result, number }: { result: SearchResult; number: number | undefined }) {
  const text = useText().ask
  const format = useFormat()
  const { passage, content, word, vector, why, alsoIn, otherPassages } = result
  return (
    <li className="result">
      <h3>
        {number !== undefined && (
          <span className="receipt" title={text.cited(number)}>
            {number}
          </span>
        )}
        <Link
          to="/read/$contentId"
          params={{ contentId: content.id }}
          search={{ mark: markOf(passage.text) }}
          className="result-title"
        >
          {content.title}
        </Link>
      </h3>
      <p className="result-who">
        {[content.author, content.publishedAt && format.day(content.publishedAt), content.platform]
          .filter(Boolean)
          .join(' · ')}
      </p>
      <p className="result-text" dir="auto">
        {excerpt(passage.text)}
      </p>
      <p className="why" title={text.why.label}>
        {word && <span>{text.why.word(word.rank)}</span>}
        {vector && <span>{text.why.meaning(vector.rank)}</span>}
        {why.matchedWords.length > 0 && (
          <span>
            {text.why.matched} {why.matchedWords.slice(0, 6).map(wordOf).join(', ')}
          </span>
        )}
        {otherPassages.length > 0 && <span>{text.others(otherPassages.length)}</span>}
      </p>
      {alsoIn.length > 0 && (
        <details className="folded">
          <summary>{text.alsoIn(alsoIn.length)}</summary>
          <ul>
            {alsoIn.map(({ passageId, contentId, title }) => (
              <li key={passageId}>
                <Link to="/read/$contentId" params={{ contentId }}>
                  {title}
                </Link>
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
  )
}

/** Of a word's stems in several languages the one that is most of a word: `lighthous/lighthouse`. */
function wordOf(lexemes: string): string {
  return lexemes.split('/').reduce((longest, each) => (each.length > longest.length ? each : longest))
}
