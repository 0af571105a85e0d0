import { asksForSeveral, holdHangUp } from './workers/hang-up.ts'

// Before the rest is loaded, which takes most of a start.
if (asksForSeveral(process.env)) holdHangUp()
await import('./start.ts')
