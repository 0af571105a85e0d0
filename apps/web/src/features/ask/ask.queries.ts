import type { AnswerEvent, Inputs } from '@extropy/client'
import { keepPreviousData, queryOptions, experimental_streamedQuery as streamedQuery } from '@tanstack/react-query'
import { client } from '../../extropy.ts'

type Input = Inputs['query']['rag']
export type Sentence = Extract<AnswerEvent, { type: 'sentence' }>
type Passages = Extract<AnswerEvent, { type: 'passages' }>
type Done = Extract<AnswerEvent, { type: 'done' }>

export interface Answer {
  readonly passages: Passages['passages']
  readonly understood: Passages['understood']
  readonly sentences: readonly Sentence[]
  readonly done: Done | undefined
}

const nothingYet: Answer = { passages: [], understood: [], sentences: [], done: undefined }

/** The answer as it grows. A whole one stays for as long as the page: going back to a question asks no second time. */
export function answerOptions(input: Input) {
  return queryOptions({
    queryKey: ['answer', input],
    queryFn: streamedQuery({
      streamFn: ({ signal }) => client.query.answer.query(input, { signal }),
      initialValue: nothingYet,
      reducer: grow,
    }),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    refetchOnReconnect: false,
  })
}

function grow(answer: Answer, event: AnswerEvent): Answer {
  if (event.type === 'passages') return { ...nothingYet, passages: event.passages, understood: event.understood }
  if (event.type === 'sentence') return { ...answer, sentences: [...answer.sentences, event] }
  return { ...answer, done: event }
}

export function resultsOptions(input: Input) {
  return queryOptions({
    queryKey: ['results', input],
    queryFn: ({ signal }) => client.query.rag.query({ ...input, groupBy: 'content' }, { signal }),
    placeholderData: keepPreviousData,
  })
}

/** The last pieces that came in: something to ask about. */
export const latestOptions = queryOptions({
  queryKey: ['contents', 'latest'],
  queryFn: ({ signal }) => client.contents.list.query({ limit: 60 }, { signal }),
  staleTime: 300_000,
})

export const countOptions = queryOptions({
  queryKey: ['health', 'check'],
  queryFn: ({ signal }) => client.health.check.query(undefined, { signal }),
  staleTime: 300_000,
})
