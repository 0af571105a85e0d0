import type { Tool } from '../tool.ts'
import { answerTool } from './answer.ts'
import { captureTool } from './capture.ts'
import { listTool } from './list.ts'
import { patternsTool } from './patterns.ts'
import { readTool } from './read.ts'
import { researchTool } from './research.ts'
import { searchTool } from './search.ts'

/** Few on purpose: each description is in the window of every model that is connected. */
export const tools: readonly Tool[] = [
  searchTool,
  answerTool,
  readTool,
  listTool,
  patternsTool,
  captureTool,
  researchTool,
]
