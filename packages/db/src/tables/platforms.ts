/** Where contents and their authors come from. A new one needs its name here and a migration of the three checks that name them. */
export const platforms = ['web', 'rss', 'youtube', 'reddit', 'twitter'] as const
export type Platform = (typeof platforms)[number]
