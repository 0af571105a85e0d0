import { discoverFeeds } from '../feed/discover-feeds.ts'
import { readOpml } from '../feed/opml.ts'
import { readFeed } from '../feed/read-feed.ts'
import { readPage } from '../page/read-page.ts'
import { readSitemap } from '../platforms/web/sitemap.ts'

export const tasks = { readPage, readFeed, discoverFeeds, readOpml, readSitemap } as const

export type Task = {
  [Name in keyof typeof tasks]: { readonly name: Name; readonly args: Parameters<(typeof tasks)[Name]> }
}[keyof typeof tasks]

// biome-ignore lint/style/noDefaultExport: piscina calls it
export default function run({ name, args }: Task): unknown {
  return (tasks[name] as (...args: readonly unknown[]) => unknown)(...args)
}
