export { makeZip, type ZipPart } from '../archive/testing/make-zip.ts'
export { type Files, withFiles } from '../archive/testing/read-files.ts'
export { writeBigZip } from '../archive/testing/write-big-zip.ts'
