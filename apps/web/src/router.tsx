import type { FetchQueryOptions, QueryKey } from '@tanstack/react-query'
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { queries } from './extropy.ts'
import { AskPage } from './features/ask/ask.page.tsx'
import { readAsk } from './features/ask/ask.search.ts'
import { authorOptions } from './features/authors/authors.queries.ts'
import { contentOptions } from './features/read/read.queries.ts'
import { Frame } from './frame/frame.tsx'
import { Crashed, NoSuchPage } from './frame/no-such-page.tsx'

const root = createRootRoute({ component: Frame, notFoundComponent: NoSuchPage })

/** The values of an address's query are texts, so that they can be read and typed by hand. */
function texts<Name extends string>(...names: readonly Name[]) {
  return (search: Record<string, unknown>): { readonly [name in Name]?: string | undefined } => {
    const given = names.filter((name) => typeof search[name] === 'string' && search[name] !== '')
    return Object.fromEntries(given.map((name) => [name, search[name]])) as { [name in Name]?: string }
  }
}

/** Asks for what a page shows first while its scripts are on their way; for a link that is only pointed at nothing is asked. */
function begin<Data, Key extends QueryKey>(
  options: FetchQueryOptions<Data, Error, Data, Key>,
  isPreload: boolean,
): void {
  if (!isPreload) void queries.prefetchQuery(options)
}

const home = createRoute({ getParentRoute: () => root, path: '/', component: AskPage, validateSearch: readAsk })

const read = createRoute({
  getParentRoute: () => root,
  path: '/read/$contentId',
  component: lazyRouteComponent(() => import('./features/read/read.page.tsx'), 'ReadPage'),
  validateSearch: texts('at', 'mark'),
  loader: ({ params, preload }) => begin(contentOptions(params.contentId), preload),
})

const authors = createRoute({
  getParentRoute: () => root,
  path: '/authors',
  component: lazyRouteComponent(() => import('./features/authors/authors.page.tsx'), 'AuthorsPage'),
  validateSearch: texts('find'),
})

const author = createRoute({
  getParentRoute: () => root,
  path: '/authors/$authorId',
  component: lazyRouteComponent(() => import('./features/authors/author.page.tsx'), 'AuthorPage'),
  validateSearch: texts('pattern'),
  loader: ({ params, preload }) => begin(authorOptions(params.authorId), preload),
})

const cards = createRoute({
  getParentRoute: () => root,
  path: '/cards',
  component: lazyRouteComponent(() => import('./features/cards/cards.page.tsx'), 'CardsPage'),
  validateSearch: texts('find', 'tag', 'of'),
})

const newCard = createRoute({
  getParentRoute: () => root,
  path: '/cards/new',
  component: lazyRouteComponent(() => import('./features/cards/write-card.page.tsx'), 'WriteCardPage'),
  validateSearch: texts('about', 'under', 'edit'),
})

const card = createRoute({
  getParentRoute: () => root,
  path: '/cards/$cardId',
  component: lazyRouteComponent(() => import('./features/cards/card.page.tsx'), 'CardPage'),
  validateSearch: texts('depth', 'as'),
})

const tokens = createRoute({
  getParentRoute: () => root,
  path: '/tokens',
  component: lazyRouteComponent(() => import('./features/tokens/tokens.page.tsx'), 'TokensPage'),
  validateSearch: texts('type'),
})

const keys = createRoute({
  getParentRoute: () => root,
  path: '/keys',
  component: lazyRouteComponent(() => import('./features/keys/keys.page.tsx'), 'KeysPage'),
})

const sources = createRoute({
  getParentRoute: () => root,
  path: '/sources',
  component: lazyRouteComponent(() => import('./features/sources/sources.page.tsx'), 'SourcesPage'),
})

const source = createRoute({
  getParentRoute: () => root,
  path: '/sources/$sourceId',
  component: lazyRouteComponent(() => import('./features/sources/source.page.tsx'), 'SourcePage'),
})

const jobs = createRoute({
  getParentRoute: () => root,
  path: '/jobs',
  component: lazyRouteComponent(() => import('./features/jobs/jobs.page.tsx'), 'JobsPage'),
  validateSearch: texts('status', 'job', 'of'),
})

const research = createRoute({
  getParentRoute: () => root,
  path: '/research',
  component: lazyRouteComponent(() => import('./features/research/research.page.tsx'), 'ResearchPage'),
  validateSearch: texts('status'),
})

const newResearch = createRoute({
  getParentRoute: () => root,
  path: '/research/new',
  component: lazyRouteComponent(() => import('./features/research/new-research.page.tsx'), 'NewResearchPage'),
})

const session = createRoute({
  getParentRoute: () => root,
  path: '/research/$sessionId',
  component: lazyRouteComponent(() => import('./features/research/session.page.tsx'), 'SessionPage'),
})

const performance = createRoute({
  getParentRoute: () => root,
  path: '/performance',
  component: lazyRouteComponent(() => import('./features/performance/performance.page.tsx'), 'PerformancePage'),
})

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    read,
    authors,
    author,
    cards,
    newCard,
    card,
    sources,
    source,
    jobs,
    research,
    newResearch,
    session,
    tokens,
    keys,
    performance,
  ]),
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultErrorComponent: Crashed,
  parseSearch: (query) => Object.fromEntries(new URLSearchParams(query)),
  stringifySearch(search) {
    const given = Object.entries(search).filter(([, value]) => value !== undefined && value !== '')
    const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
    return query === '' ? '' : `?${query}`
  },
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
