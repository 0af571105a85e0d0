import { platforms } from '@extropy/db'
import { z } from 'zod'

export const PlatformName = z.enum(platforms)
