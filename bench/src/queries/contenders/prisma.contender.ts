import { existsSync } from 'node:fs'
import { type OpenContender, pageSize } from '../reads.ts'

/** What is used of the client that Prisma generates into `bench/peers/prisma`. */
interface Client {
  readonly user: Model
  readonly card: Model
  readonly attribution: Model
}
interface Model {
  findMany(args: object): Promise<Row[]>
}
// biome-ignore lint/suspicious/noExplicitAny: the generated types are there only where Prisma is installed.
type Row = any

const folder = new URL('../../../peers/prisma/', import.meta.url)

/** Prisma 7 by its `pg` adapter, with relations loaded by joins, which its docs recommend over a query a relation. */
export const open: OpenContender = async (url) => {
  const { openClient } = (await import(new URL('open-client.ts', folder).href)) as {
    openClient: (url: string) => Client
  }
  const { user, card, attribution } = openClient(url)
  const names = { id: true, username: true, displayName: true }
  return {
    reads: {
      'primary key': async ({ userId }) => {
        const rows = await user.findMany({ where: { id: userId }, select: { ...names, extropyBalance: true } })
        return rows.map((row) => ({ ...row, extropyBalance: row.extropyBalance.toFixed(8) }))
      },
      '20 cards with their users': async () => {
        const rows = await card.findMany({
          where: { isPublished: true },
          orderBy: [{ publishedAt: 'desc' }, { id: 'desc' }],
          take: pageSize,
          select: {
            id: true,
            title: true,
            body: true,
            tags: true,
            publishedAt: true,
            user: { select: { username: true, displayName: true } },
          },
        })
        return rows.map(({ user, ...row }) => ({ ...row, ...user }))
      },
      'join of 4 tables': async ({ attributionId }) => {
        const rows = await attribution.findMany({
          where: { id: attributionId },
          select: {
            id: true,
            type: true,
            source: { select: { title: true } },
            target: { select: { title: true, user: { select: { username: true } } } },
          },
        })
        return rows.map(({ source, target, ...row }) => ({
          ...row,
          sourceTitle: source.title,
          targetTitle: target.title,
          username: target.user.username,
        }))
      },
    },
  }
}

export const isPrismaInstalled = (): boolean => existsSync(new URL('generated/client.ts', folder))
