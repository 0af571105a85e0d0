import { recordAct, recordActOnOther } from '../audit/audit.ts'
import { assertOwnOrAdmin } from '../auth/access.ts'
import { isAdmin } from '../auth/principal.ts'
import { countCards } from '../cards/cards.queries.ts'
import { fieldError } from '../errors.ts'
import { exampleIds, exampleUsername } from '../example-ids.ts'
import { inTransaction } from '../transaction.ts'
import {
  adminProcedure,
  ownOrAdminWriteProcedure,
  ownReadProcedure,
  publicProcedure,
  viewerProcedure,
} from '../trpc.ts'
import { eraseUser } from './erase-user.ts'
import { createUser, updateUser } from './users.commands.ts'
import { findUserByUsername, getUser, getUserWithEmail, listUsers } from './users.queries.ts'
import { CreateUser, ListUsers, OwnUser, UpdateUser, User, UserByUsername, UserId, UserPage } from './users.schema.ts'

/** Beside those of `archive/` in the router `users`. */
export const usersProcedures = {
  list: publicProcedure
    .meta({
      summary: 'Users, newest first, or those that a search finds.',
      rest: ['GET /api/users'],
      example: { limit: 5 },
    })
    .input(ListUsers)
    .output(UserPage)
    .query(({ ctx, input }) => listUsers(ctx.db, input)),

  me: ownReadProcedure
    .meta({ summary: 'The user whose key this is.', rest: ['GET /api/users/me'] })
    .output(OwnUser)
    .query(async ({ ctx }) => {
      const { userId } = ctx.principal
      const [user, cards] = await Promise.all([getUserWithEmail(ctx.db, userId), countCards(ctx.db, userId)])
      return { ...user, cards }
    }),

  byUsername: publicProcedure
    .meta({
      summary: 'One user by name, whatever its case.',
      rest: ['GET /api/users/by-username/{username}'],
      example: { username: exampleUsername },
    })
    .input(UserByUsername)
    .output(User)
    .query(async ({ ctx, input }) => {
      const user = await findUserByUsername(ctx.db, input.username)
      if (user === undefined) throw fieldError('not_found', 'username', 'no such user')
      return { ...user, email: null }
    }),

  byId: viewerProcedure
    .meta({
      summary: 'One user; the e-mail address is for the user and for admins.',
      rest: ['GET /api/users/{id}'],
      example: { id: exampleIds.user },
    })
    .input(UserId)
    .output(User)
    .query(async ({ ctx, input }) => {
      const maySeeEmail = ctx.principal?.userId === input.id || isAdmin(ctx.principal)
      return maySeeEmail ? getUserWithEmail(ctx.db, input.id) : { ...(await getUser(ctx.db, input.id)), email: null }
    }),

  create: adminProcedure
    .meta({
      summary: 'Makes an account.',
      rest: ['POST /api/users'],
      example: { username: 'grace', email: 'grace@example.org' },
    })
    .input(CreateUser)
    .output(User)
    .mutation(({ ctx, input }) =>
      inTransaction(ctx.db, async (trx) => {
        const user = await createUser(trx, input)
        // By the id alone: the log cannot be changed, and would know the name of one who has been erased.
        await recordAct(trx, ctx, { action: 'users.create', target: user.id })
        return user
      }),
    ),

  update: ownOrAdminWriteProcedure
    .meta({
      summary: 'Changes a profile.',
      rest: ['PATCH /api/users/{id}'],
      example: { id: exampleIds.user, bio: 'Writes about compilers.' },
    })
    .input(UpdateUser)
    .output(User)
    .mutation(({ ctx, input }) => {
      assertOwnOrAdmin(ctx.principal, input.id, 'id')
      return inTransaction(ctx.db, async (trx) => {
        const user = await updateUser(trx, input)
        if (user === undefined) throw fieldError('not_found', 'id', 'no such user')
        await recordActOnOther(trx, ctx, input.id, { action: 'users.update', target: input.id })
        return user
      })
    }),

  erase: adminProcedure
    .meta({
      summary:
        'Erases a user: cards, keys, research sessions, name and address go; movements of tokens stay, without a name.',
      rest: ['DELETE /api/users/{id}'],
      example: { id: exampleIds.user },
    })
    .input(UserId)
    .output(UserId)
    .mutation(async ({ ctx, input: { id } }) => {
      const erased = await inTransaction(ctx.db, async (trx) => {
        const user = await eraseUser(trx, id)
        await recordAct(trx, ctx, { action: 'users.erase', target: id })
        return user
      })
      // Its keys are gone with it.
      await ctx.keys.forgetEverywhere()
      return erased
    }),
}
