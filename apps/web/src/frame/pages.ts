/** What the navigation and the palette lead to, in the order of use. */
export const pages = [
  ['/', 'ask'],
  ['/authors', 'authors'],
  ['/cards', 'cards'],
  ['/sources', 'sources'],
  ['/research', 'research'],
  ['/tokens', 'tokens'],
  ['/keys', 'keys'],
  ['/performance', 'performance'],
] as const
