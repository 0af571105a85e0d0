import { expect, test } from 'vitest'
import { filesOfPages, type Manifest } from './files-of-pages.ts'

test('a page’s files are its own, those that it imports and those that it shows at once, without those of every page', () => {
  const page = (file: string, ...imports: string[]) => ({ file, imports })
  // Every page of the router is asked for; one that is no chunk is an error of the build.
  const asked: string[] = []
  const manifest = new Proxy<Manifest>(
    {
      'src/features/read/read.page.tsx': page('assets/read.js', '_app.js', '_parts.js'),
      '_app.js': page('assets/app.js'),
      '_parts.js': page('assets/parts.js', '_app.js'),
      'src/features/read/rendered-markdown.tsx': page('assets/markdown.js'),
    },
    {
      get(target, name: string) {
        asked.push(name)
        return target[name] ?? page(`assets/${name}.js`)
      },
    },
  )
  const pages = filesOfPages(manifest, '<script src="/assets/app.js">')
  expect(pages['/read/$contentId']).toEqual(['/assets/read.js', '/assets/parts.js', '/assets/markdown.js'])
  expect(Object.keys(pages)).toHaveLength(15)
  expect(asked).toContain('src/features/cards/write-card.page.tsx')
  expect(() => filesOfPages({}, '')).toThrow('is no chunk of the build')
})
