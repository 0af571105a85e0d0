import type { Inputs, Outputs } from '@extropy/client'
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client } from '../../extropy.ts'

export type Session = Outputs['researchSessions']['byId']
type Status = Session['status']

export const researchStatuses = ['in_progress', 'completed', 'failed'] as const satisfies readonly Status[]

export function sessionsOptions(userId: string, status: Status | undefined) {
  return infiniteQueryOptions({
    queryKey: ['research', 'list', userId, status],
    queryFn: ({ pageParam, signal }) =>
      client.researchSessions.list.query(
        { limit: 50, ...(status && { status }), ...(pageParam && { cursor: pageParam }) },
        { signal },
      ),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: ({ state: { data } }) =>
      data?.pages.some(({ items }) => items.some((session) => session.status === 'in_progress')) ? 4000 : false,
  })
}

export function sessionOptions(id: string) {
  return queryOptions({
    queryKey: ['research', 'byId', id],
    queryFn: ({ signal }) => client.researchSessions.byId.query({ id }, { signal }),
  })
}

export function useBegin() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (brief: Inputs['researchSessions']['create']) => client.researchSessions.create.mutate(brief),
    onSuccess(session) {
      queries.setQueryData(sessionOptions(session.id).queryKey, session)
      return queries.invalidateQueries({ queryKey: ['research', 'list'] })
    },
  })
}

export function useCancelSession() {
  return useSessionAct((id) => client.researchSessions.cancel.mutate({ id }))
}

export function useRerunSession() {
  return useSessionAct((id) => client.researchSessions.rerun.mutate({ id }))
}

function useSessionAct(act: (id: string) => Promise<Session>) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: act,
    onSuccess: (session) => queries.setQueryData(sessionOptions(session.id).queryKey, session),
    onSettled: () => queries.invalidateQueries({ queryKey: ['research'] }),
  })
}
