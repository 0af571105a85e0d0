import { exampleIds } from '../example-ids.ts'
import { publicProcedure, router } from '../trpc.ts'
import { getAuthor, listAuthors } from './authors.queries.ts'
import { Author, AuthorId, AuthorPage, ListAuthors } from './authors.schema.ts'
export const authorsRouter = router({
  list: publicProcedure
    .meta({
      summary: 'Authors by platform and username, or those that a search finds.',
      rest: ['GET /api/authors'],
      example: { search: 'Zakas' },
    })
    .input(ListAuthors)
    .output(AuthorPage)
    .query(({ ctx, input }) => listAuthors(ctx.db, input)),

  byId: publicProcedure
    .meta({ summary: 'One author.', rest: ['GET /api/authors/{id}'], example: { id: exampleIds.author } })
    .input(AuthorId)
    .output(Author)
    .query(({ ctx, input }) => getAuthor(ctx.db, input.id)),
})
