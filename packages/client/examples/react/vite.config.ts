import { defineConfig } from 'vite'

/** Pages and API under one origin: the server needs no CORS_ORIGINS. */
export default defineConfig({
  server: { proxy: { '/trpc': process.env.EXTROPY_URL ?? 'http://127.0.0.1:8000' } },
})
