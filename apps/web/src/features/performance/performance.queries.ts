import type { Outputs } from '@extropy/client'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { client } from '../../extropy.ts'
import { session } from '../../session/session.ts'

export type Performance = Outputs['health']['performance']

const everyMs = 2000
const kept = 120

/** The server's own figures, anew every two seconds while the page is seen, and those since it was opened. */
export function usePerformance(isLive: boolean) {
  const { key } = session.use()
  const query = useQuery({
    queryKey: ['performance', key],
    queryFn: ({ signal }) => client.health.performance.query(undefined, { signal }),
    refetchInterval: isLive ? everyMs : false,
    staleTime: 0,
  })
  const [history, setHistory] = useState<readonly Performance[]>([])
  const { data } = query
  useEffect(() => {
    if (data !== undefined) setHistory((before) => [...before, data].slice(-kept))
  }, [data])
  return { ...query, history }
}
