export { makeZip, type ZipPart } from '../archive/testing/make-zip.ts'
