import './analysis.css'
import type { Outputs } from '@extropy/client'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useFormat } from '../../format.ts'
import { Failure } from '../../frame/failure.tsx'
import { useText } from '../../text/text.ts'
import { type FindingSpan, hideFinding, showFinding } from './finding.ts'
import { analysisOptions } from './read.queries.ts'

type Analysis = Outputs['analysis']['byContent']['analysis']

interface Finding {
  readonly name: string
  readonly spans: readonly FindingSpan[]
  readonly confidence: number
}

const mostInsights = 5
const mostPhrases = 12

/** What was found in the text; pointing at a finding marks its words there. */
export function AnalysisView({ contentId, body }: { contentId: string; body: string }) {
  const text = useText().read.analysis
  const { data, error, refetch } = useQuery(analysisOptions(contentId))
  if (error) return <Failure error={error} onRetry={refetch} />
  if (!data) return null
  const { analysis } = data
  const texts = (all: Analysis['keyInsights']) => all.map((finding) => ({ ...finding, name: finding.value }))
  const hooks = analysis.hooks.map((finding) => ({ ...finding, name: text.hook[finding.value] }))
  const frameworks = analysis.frameworks.map((finding) => ({ ...finding, name: finding.value }))
  const rest = (['painPoints', 'desires', 'callToAction'] as const).filter((name) => analysis[name].length > 0)
  return (
    <section className="analysis" aria-label={text.title}>
      <h2 className="small-title">{text.title}</h2>
      <Nature of={analysis} body={body} />
      {hooks.length > 0 && (
        <Findings title={text.hooks}>
          <FindingTags of={hooks} body={body} />
        </Findings>
      )}
      {frameworks.length > 0 && (
        <Findings title={text.frameworks}>
          <FindingTags of={frameworks} body={body} />
        </Findings>
      )}
      {analysis.themes.length > 0 && (
        <Findings title={text.keyphrases}>
          <FindingTags of={texts(analysis.themes).slice(0, mostPhrases)} body={body} />
        </Findings>
      )}
      {analysis.keyInsights.length > 0 && (
        <Findings title={text.keyInsights}>
          <FindingSentences of={texts(analysis.keyInsights).slice(0, mostInsights)} body={body} />
        </Findings>
      )}
      {rest.map((name) => (
        <details key={name}>
          <summary>
            {text[name]} <small>{analysis[name].length}</small>
          </summary>
          <FindingSentences of={texts(analysis[name])} body={body} />
        </details>
      ))}
      <p className="quiet analysis-hint">{text.hint}</p>
    </section>
  )
}

function Nature({ of: { readability, sentiment, tone }, body }: { of: Analysis; body: string }) {
  const text = useText().read.analysis
  const format = useFormat()
  return (
    <>
      {readability && (
        <p className="quiet">
          {text.minutes(format.number(Math.max(1, readability.value.minutes)), format.number(readability.value.words))}{' '}
          · {text.grade(format.number(readability.value.lix))}
        </p>
      )}
      {sentiment && (
        <Findings title={text.feeling}>
          <FindingTags of={[{ ...sentiment, name: text.feelings[sentiment.value.label] }]} body={body} />
        </Findings>
      )}
      {tone.length > 0 && (
        <Findings title={text.tone}>
          <FindingTags of={tone.map((finding) => ({ ...finding, name: text.tones[finding.value] }))} body={body} />
        </Findings>
      )}
    </>
  )
}

function Findings({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <h3 className="finding-title">{title}</h3>
      {children}
    </div>
  )
}

interface FindingsProps {
  readonly of: readonly Finding[]
  readonly body: string
}

function FindingTags({ of: findings, body }: FindingsProps) {
  return (
    <ul className="finding-tags">
      {findings.map((finding, index) => (
        <li key={`${finding.name} ${index}`}>
          <FindingButton of={finding} body={body} />
        </li>
      ))}
    </ul>
  )
}

function FindingSentences({ of: findings, body }: FindingsProps) {
  return (
    <ul className="finding-sentences">
      {findings.map((finding, index) => (
        <li key={`${finding.name} ${index}`}>
          <FindingButton of={finding} body={body} />
        </li>
      ))}
    </ul>
  )
}

function FindingButton({ of: { name, spans, confidence }, body }: { of: Finding; body: string }) {
  const text = useText().read.analysis
  const format = useFormat()
  const show = () => showFinding(spans, body)
  return (
    <button
      type="button"
      dir="auto"
      title={text.sure(format.percent(Math.round(confidence * 100) / 100))}
      onPointerEnter={show}
      onFocus={show}
      onPointerLeave={hideFinding}
      onBlur={hideFinding}
      onClick={() => show()?.scrollIntoView({ block: 'center' })}
    >
      {name}
    </button>
  )
}
