import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client } from '../../extropy.ts'
import { jobOptions } from '../jobs/jobs.queries.ts'

/** With its report, once its job has ended. */
export function importOptions(id: string) {
  return queryOptions({
    queryKey: ['jobs', 'import', id],
    queryFn: ({ signal }) => client.imports.byId.query({ id }, { signal }),
  })
}

export function useCancelImport() {
  const cached = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => client.imports.cancel.mutate({ id }),
    onSettled: (_data, _error, id) =>
      Promise.all([
        cached.invalidateQueries({ queryKey: ['jobs'] }),
        cached.invalidateQueries({ queryKey: jobOptions(id).queryKey }),
      ]),
  })
}
