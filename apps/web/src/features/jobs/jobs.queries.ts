import type { Outputs } from '@extropy/client'
import {
  type InfiniteData,
  infiniteQueryOptions,
  type QueryClient,
  queryOptions,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query'
import { client, queries } from '../../extropy.ts'

export type Job = Outputs['jobs']['byId']
type JobPage = Outputs['jobs']['list']
export type JobSummary = JobPage['items'][number]
type JobStatus = JobSummary['status']

export const jobStatuses = [
  'queued',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'dead',
] as const satisfies readonly JobStatus[]

export const isActive = ({ status }: Pick<JobSummary, 'status'>) => status === 'queued' || status === 'running'

/** It waits for its time, not for a worker. */
export const isForLater = ({ status, runAfter }: Pick<JobSummary, 'status' | 'runAfter'>) =>
  status === 'queued' && Date.parse(runAfter) > Date.now() + 2000

/** What a job changes while it runs. */
const changed = new Set<unknown>(['jobs', 'sources', 'research', 'contents', 'authors'])

/** Longer than a server takes to restart. */
const pauseMs = 1000

/**
 * The job as it goes, by a stream: a browser holds at most six connections to a server over HTTP/1.1, so that a page follows one or two,
 * and a list asks again instead. A stream that ends before the job does is begun again behind the last event seen.
 */
export function jobOptions(id: string) {
  const queryKey = ['live', 'job', id] as const
  return queryOptions({
    queryKey,
    async queryFn({ signal }) {
      let last: { id: string; job: Job } | undefined
      for (;;) {
        const events = await client.jobs.events.query({ id, ...(last && { lastEventId: last.id }) }, { signal })
        for await (const event of events) {
          last = event
          queries.setQueryData<Job>(queryKey, event.job)
          if (event.type === 'done') {
            void queries.invalidateQueries({ predicate: (query) => changed.has(query.queryKey[0]) })
            return event.job
          }
        }
        await new Promise((resolve) => setTimeout(resolve, pauseMs))
      }
    },
    staleTime: ({ state: { data } }) => (data && !isActive(data) ? Number.POSITIVE_INFINITY : 0),
  })
}

/** Of everyone where `userId` is left out: to an admin that is everyone and the server itself. */
export function jobsOptions(userId: string | undefined, status: JobStatus | undefined) {
  return infiniteQueryOptions({
    queryKey: ['jobs', 'list', userId, status],
    queryFn: ({ pageParam, signal }) =>
      client.jobs.list.query(
        { limit: 50, ...(userId && { userId }), ...(status && { status }), ...(pageParam && { cursor: pageParam }) },
        { signal },
      ),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: ({ state: { data } }) =>
      data?.pages.some(({ items }) => items.some((job) => isActive(job) && !isForLater(job))) ? 2000 : 15_000,
  })
}

/** Shown as stopping at once; as it was again where the server refuses. */
export function useCancelJob() {
  const cached = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => client.jobs.cancel.mutate({ id }),
    async onMutate(id) {
      await cached.cancelQueries({ queryKey: ['jobs'] })
      const before = cached.getQueriesData({ queryKey: ['jobs'] })
      showInLists(cached, id, (job) => ({ ...job, isCancelling: true }))
      return { before }
    },
    onError(_error, _id, context) {
      for (const [key, data] of context?.before ?? []) cached.setQueryData(key, data)
    },
    onSettled: () => cached.invalidateQueries({ queryKey: ['jobs'] }),
  })
}

export function useRetryJob() {
  const cached = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => client.jobs.retry.mutate({ id }),
    onSuccess: ({ id }) => cached.invalidateQueries({ queryKey: jobOptions(id).queryKey }),
    onSettled: () => cached.invalidateQueries({ queryKey: ['jobs'] }),
  })
}

function showInLists(cached: QueryClient, id: string, change: (job: JobSummary) => JobSummary): void {
  cached.setQueriesData({ queryKey: ['jobs', 'list'] }, (data: InfiniteData<JobPage, unknown> | undefined) => {
    if (data === undefined) return data
    const items = (page: JobPage) => page.items.map((job) => (job.id === id ? change(job) : job))
    return { ...data, pages: data.pages.map((page) => ({ ...page, items: items(page) })) }
  })
}
