import { useQuery } from '@tanstack/react-query'
import { client } from '../extropy.ts'
import { session } from './session.ts'

/** The user whose key is in use; undefined without one. */
export function useMe() {
  const { key } = session.use()
  return useQuery({
    queryKey: ['me', key],
    queryFn: ({ signal }) => client.users.me.query(undefined, { signal }),
    enabled: key !== undefined,
    staleTime: 60_000,
  })
}
