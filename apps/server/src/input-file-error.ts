/** The file cannot be read to its end; what came before that is stored. */
export class InputFileError extends Error {
  override readonly name = 'InputFileError'
}
