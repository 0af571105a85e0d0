import './cards.css'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Failure } from '../../frame/failure.tsx'
import { Loading } from '../../frame/loading.tsx'
import { useTitle } from '../../frame/use-title.ts'
import { session } from '../../session/session.ts'
import { useText } from '../../text/text.ts'
import { cardOptions } from './cards.queries.ts'
import { Editor } from './editor.tsx'

const route = getRouteApi('/cards/new')

export function WriteCardPage() {
  const text = useText().cards.editor
  const { edit } = route.useSearch()
  useTitle(edit === undefined ? text.title : text.edit)
  return (
    <div className="write">
      <h1>{edit === undefined ? text.title : text.edit}</h1>
      {edit === undefined ? <Editor /> : <Edit id={edit} />}
    </div>
  )
}

function Edit({ id }: { id: string }) {
  const { key } = session.use()
  const { data, error, refetch } = useQuery({ ...cardOptions(id, key), staleTime: Number.POSITIVE_INFINITY })
  if (data) return <Editor card={data} />
  return error ? <Failure error={error} onRetry={refetch} /> : <Loading />
}
