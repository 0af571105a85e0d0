import { readRobots } from './read-robots.ts'

// biome-ignore lint/style/noDefaultExport: piscina calls a worker file's default export.
export default readRobots
