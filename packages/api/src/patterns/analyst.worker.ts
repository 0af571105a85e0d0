import { createAnalystTasks } from './analyst-tasks.ts'

// biome-ignore lint/style/noDefaultExport: piscina calls it
export default createAnalystTasks()
