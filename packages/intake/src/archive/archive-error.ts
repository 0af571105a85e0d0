export type ArchiveErrorCode =
  | 'not-found'
  | 'empty'
  | 'cut'
  | 'encrypted'
  | 'bomb'
  | 'unsafe-name'
  | 'unknown-format'
  | 'bad-position'
  | 'unreadable'

/** An archive as a whole is refused; nothing of it was handed on. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError'
  readonly code: ArchiveErrorCode

  constructor(code: ArchiveErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
