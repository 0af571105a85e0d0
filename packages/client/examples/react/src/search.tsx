import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { extropy } from './extropy.ts'

/** A search whose request is aborted when the next one is typed. */
export function Search() {
  const [prompt, setPrompt] = useState('')
  const search = useQuery({
    ...extropy.query.rag.queryOptions({ prompt, nResults: 5 }, { trpc: { abortOnUnmount: true } }),
    enabled: prompt !== '',
  })
  return (
    <section aria-label="Search">
      <input aria-label="Search for" value={prompt} onChange={({ target }) => setPrompt(target.value)} />
      {search.error && <p role="alert">{search.error.message}</p>}
      <ol>
        {search.data?.results.map(({ passage, content }) => (
          <li key={passage.id}>
            <a href={content.sourceUrl}>{content.title}</a>: {passage.text.slice(0, 200)}
          </li>
        ))}
      </ol>
    </section>
  )
}
