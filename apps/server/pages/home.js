// The page asks /query/answer, and shows the sentences as they come, each with the numbers of its sources.
const part = (id) => document.getElementById(id)
const [form, answer, notice, sources, understood, heading] = [
  document.querySelector('form'),
  ...['answer', 'notice', 'sources', 'understood', 'heading'].map(part),
]
const input = form.elements.prompt
let stream

form.addEventListener('submit', (event) => {
  event.preventDefault()
  const prompt = input.value.trim() || input.placeholder
  input.value = prompt
  history.replaceState(null, '', `?q=${encodeURIComponent(prompt)}`)
  ask(prompt)
})

function ask(prompt, asWords = []) {
  stream?.close()
  answer.replaceChildren()
  sources.replaceChildren()
  understood.hidden = true
  heading.hidden = true
  notice.textContent = 'Reading …'
  /** Number of a source, by passage id. */
  const numbers = new Map()
  let passages = []
  const query = new URLSearchParams([['nResults', 5], ['prompt', prompt], ...asWords.map((kind) => ['asWords', kind])])
  stream = new EventSource(`/query/answer?${query}`)
  const on = (type, show) => stream.addEventListener(type, (event) => show(event.data && JSON.parse(event.data)))

  on('passages', (event) => {
    passages = event.passages
    understood.replaceChildren(
      ...event.understood.flatMap(({ kind, value }) => [`Only ${kind} ${inWords(kind, value)} `, anyway(kind)]),
    )
    understood.hidden = event.understood.length === 0
  })
  on('sentence', ({ text, citations }) => {
    notice.textContent = ''
    answer.append(`${text} `)
    for (const id of citations) answer.append(link(`[${numberOf(id)}]`, `#source-${numberOf(id)}`), ' ')
  })
  on('done', (event) => {
    stream.close()
    notice.textContent = event.notice ?? ''
    heading.hidden = passages.length === 0
    heading.textContent = numbers.size === 0 ? 'Nearest, though none of them answers' : 'Sources'
    for (const { passage } of passages) numberOf(passage.id)
  })
  on('error', (data) => {
    stream.close()
    notice.textContent =
      data?.error?.message ?? 'No answer: the server cannot be reached, or takes no more questions from here right now.'
  })

  /** A question's words were read as a filter: this reads them as words. */
  function anyway(kind) {
    const button = document.createElement('button')
    button.type = 'button'
    button.textContent = 'search for the words instead'
    button.addEventListener('click', () => ask(prompt, [...asWords, kind]))
    return button
  }

  /** Sources stand in the order in which the answer comes to them, then the other passages. */
  function numberOf(id) {
    if (!numbers.has(id)) {
      numbers.set(id, numbers.size + 1)
      const found = passages.find(({ passage }) => passage.id === id)
      if (found) sources.append(source(found, numbers.get(id)))
    }
    return numbers.get(id)
  }
}

/** A span of time is its first day and the day after its last. */
function inWords(kind, value) {
  if (kind !== 'published') return value
  const [from, until] = value.split('/')
  return `from ${from}, before ${until}`
}

function source({ passage, content }, number) {
  const item = document.createElement('li')
  item.id = `source-${number}`
  const where = document.createElement('cite')
  where.textContent = [content.author, content.publishedAt?.slice(0, 10)].filter(Boolean).join(', ')
  const excerpt = document.createElement('div')
  excerpt.textContent = passage.text.length > 300 ? `${passage.text.slice(0, 300)} …` : passage.text
  item.append(link(content.title, content.sourceUrl), ' ', where, excerpt)
  return item
}

function link(text, href) {
  const anchor = document.createElement('a')
  anchor.textContent = text
  // A source's address is an author's own: nothing but http goes into the page.
  if (/^(https?:|#)/.test(href)) anchor.href = href
  return anchor
}

const asked = new URLSearchParams(location.search).get('q')
if (asked) {
  input.value = asked
  ask(asked)
}
