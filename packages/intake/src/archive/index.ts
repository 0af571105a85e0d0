export { isJsonLines } from './is-json-lines.ts'
export { readArchive, readableFormats } from './read-archive.ts'
