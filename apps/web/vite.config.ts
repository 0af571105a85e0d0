import { defineConfig } from 'vite'

/** Of the API; everything else is the app's. `pnpm dev` passes these on to the server. */
const served = [
  '/api',
  '/trpc',
  '/query',
  '/health',
  '/docs',
  '/openapi.json',
  '/metrics',
  '/mcp',
  '/scrape',
  '/analyze',
]

const server = process.env.EXTROPY_URL ?? 'http://127.0.0.1:8000'

export default defineConfig({
  root: import.meta.dirname,
  resolve: {
    // What is imported as React is Preact: decision 95.
    alias: [
      { find: /^react\/jsx(-dev)?-runtime$/, replacement: 'preact/jsx-runtime' },
      { find: 'react-dom/client', replacement: 'preact/compat/client' },
      { find: /^react(-dom)?$/, replacement: 'preact/compat' },
    ],
  },
  server: { proxy: Object.fromEntries(served.map((path) => [path, server])) },
  build: {
    target: 'es2023',
    // A `data:` URL is a foreign origin to the app's policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: false,
  },
})
