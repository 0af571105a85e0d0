import { Autocomplete } from '@base-ui/react/autocomplete'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { client } from '../extropy.ts'
import { useText } from '../text/text.ts'
import { Modal } from './modal.tsx'
import { pages } from './pages.ts'
import { useLater } from './use-later.ts'

interface Item {
  readonly id: string
  readonly label: string
  readonly note?: string
  readonly go: () => unknown
}

interface Group {
  readonly value: string
  readonly items: readonly Item[]
}

/** One box over pages, pieces and authors. */
export function Palette({ onClose }: { onClose: () => void }) {
  const text = useText()
  const [words, setWords] = useState('')
  const groups = useGroups(words.trim())
  return (
    <Modal onClose={onClose} title={text.palette.title} className="palette">
      <Autocomplete.Root
        open
        inline
        items={groups}
        value={words}
        onValueChange={setWords}
        itemToStringValue={(item: Item) => item.label}
        filter={null}
        autoHighlight="always"
      >
        <Autocomplete.Input placeholder={text.palette.placeholder} aria-label={text.palette.title} />
        <Autocomplete.List className="palette-list">
          {(group: Group) => (
            <Autocomplete.Group key={group.value} items={group.items}>
              <Autocomplete.GroupLabel className="palette-group">{group.value}</Autocomplete.GroupLabel>
              <Autocomplete.Collection>
                {(item: Item) => (
                  <Autocomplete.Item
                    key={item.id}
                    value={item}
                    className="palette-item"
                    onClick={() => {
                      onClose()
                      item.go()
                    }}
                  >
                    {item.label}
                    {item.note && <small>{item.note}</small>}
                  </Autocomplete.Item>
                )}
              </Autocomplete.Collection>
            </Autocomplete.Group>
          )}
        </Autocomplete.List>
        {groups.length === 0 && <p className="quiet">{text.palette.none}</p>}
      </Autocomplete.Root>
    </Modal>
  )
}

function useGroups(words: string): readonly Group[] {
  const text = useText()
  const navigate = useNavigate()
  const search = useLater(words, 120)
  const options = { enabled: search !== '', placeholderData: keepPreviousData }
  const pieces = useQuery({
    queryKey: ['palette', 'pieces', search],
    queryFn: ({ signal }) =>
      client.query.rag.query({ prompt: search.slice(0, 200), nResults: 6, groupBy: 'content' }, { signal }),
    ...options,
  })
  const authors = useQuery({
    queryKey: ['palette', 'authors', search],
    queryFn: ({ signal }) => client.authors.list.query({ search: search.slice(0, 100), limit: 5 }, { signal }),
    ...options,
  })
  const shownPages = pages
    .map(([to, name]) => ({ id: to, label: text.nav[name], go: () => navigate({ to }) }))
    .filter(({ label }) => label.toLowerCase().includes(words.toLowerCase()))
  const ask = { id: 'ask', label: text.palette.askThis(words), go: () => navigate({ to: '/', search: { q: words } }) }
  const found = words === '' ? undefined : { pieces: pieces.data?.results ?? [], authors: authors.data?.items ?? [] }
  const groups: Group[] = [
    { value: text.palette.pages, items: [...shownPages, ...(words === '' ? [] : [ask])] },
    {
      value: text.palette.pieces,
      items: (found?.pieces ?? []).map(({ content }) => ({
        id: content.id,
        label: content.title,
        note: content.author,
        go: () => navigate({ to: '/read/$contentId', params: { contentId: content.id } }),
      })),
    },
    {
      value: text.palette.authors,
      items: (found?.authors ?? []).map(({ id, displayName, platform }) => ({
        id,
        label: displayName,
        note: platform,
        go: () => navigate({ to: '/authors/$authorId', params: { authorId: id } }),
      })),
    },
  ]
  return groups.filter(({ items }) => items.length > 0)
}
