export * from './archive/index.ts'
export type { Article, AuthorName } from './article.ts'
export { type Outcome, outcomes } from './outcome.ts'
