/** What the navigation and the palette lead to, in the order of use. A page that comes later (sources, research) is one more line. */
export const pages = [
  ['/', 'ask'],
  ['/authors', 'authors'],
  ['/cards', 'cards'],
  ['/tokens', 'tokens'],
  ['/keys', 'keys'],
  ['/performance', 'performance'],
] as const
