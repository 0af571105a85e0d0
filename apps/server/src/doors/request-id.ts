/** A caller's own id is kept where it can do no harm in a log or a header. */
export function safeRequestId(id: string | undefined): string | undefined {
  return id !== undefined && /^[\w.-]{1,100}$/.test(id) ? id : undefined
}
