import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from './generated/client.ts'

/** As Prisma 7's guide opens it: on `pg`, by its driver adapter. */
export const openClient = (connectionString: string) =>
  new PrismaClient({ adapter: new PrismaPg({ connectionString }) })
