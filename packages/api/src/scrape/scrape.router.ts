import { readTarget } from '../sources/sources.commands.ts'
import { anyReadProcedure, anyWriteProcedure, publicProcedure, router } from '../trpc.ts'
import { scrape } from './scrape.commands.ts'
import { lastScrape, platformHealth } from './scrape.queries.ts'
import { LastScrape, LastScraped, PlatformHealth, PlatformInput, Scrape, Scraped } from './scrape.schema.ts'

export const scrapeRouter = router({
  fetch: anyWriteProcedure
    .meta({
      summary:
        'Takes in what a target has, and waits 20 seconds for it: then the answer is 202, with the job in Location.',
      rest: ['POST /scrape/{platform}'],
      example: {
        platform: 'web',
        target: 'https://example.org/post',
        html: '<html><head><title>On tides</title></head><body><article><h1>On tides</h1><p>The moon raises the tides in most harbours, twice a day, and the sun helps it when both stand in a line with the earth. Sailors have known this for longer than anybody could say why, and planned their days by it.</p><p>Where a bay is narrow the water rises higher: in some by more than ten metres between one low water and the next high one, which is why harbours there have gates.</p></article></body></html>',
      },
      acceptedAt: ({ status, job_id }: { status: string; job_id: string }) =>
        status === 'accepted' ? `/api/jobs/${job_id}` : undefined,
    })
    .input(Scrape)
    .output(Scraped)
    .mutation(({ ctx, input }) => scrape(ctx, input)),

  last: anyReadProcedure
    .meta({
      summary: 'What the last look at a target brought.',
      rest: ['GET /scrape/{platform}'],
      example: { platform: 'web', target: 'https://example.org/looked-at' },
    })
    .input(LastScrape)
    .output(LastScraped)
    .query(({ ctx, input: { platform, target } }) => lastScrape(ctx.db, readTarget(target, platform))),

  health: publicProcedure
    .meta({
      summary: 'What a platform gives to strangers, what needs which setting, and when it last worked.',
      rest: ['GET /scrape/{platform}/health'],
      example: { platform: 'web' },
    })
    .input(PlatformInput)
    .output(PlatformHealth)
    .query(({ ctx, input }) => platformHealth(ctx.db, input.platform, ctx.intake?.credentials ?? {})),
})
