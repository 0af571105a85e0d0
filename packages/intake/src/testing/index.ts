export { honestPages } from './honest-pages.ts'
export { type HostilePage, hostilePages } from './hostile-pages.ts'
