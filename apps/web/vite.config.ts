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
    manifest: 'manifest.json',
    // All pages' styles are some 7 kB: fewer than a page's own would cost in time.
    cssCodeSplit: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // What every page needs is one file, not twenty.
            { name: 'app', tags: ['$initial'], priority: 2 },
            {
              name: 'parts',
              // Without what floats and what sets Markdown: their libraries come when they are needed.
              test: /apps.web.src.(?!frame.modal|session.sign-in-dialog|features.read.(?:rendered-)?mark)|@tanstack/,
              minShareCount: 3,
              priority: 1,
              includeDependenciesRecursively: false,
            },
          ],
        },
      },
    },
  },
})
