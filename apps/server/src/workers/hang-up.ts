const ignore = () => {}

/** Read before the settings are checked: wrong ones ask for nothing that lasts. */
export function asksForSeveral({ WORKERS = '' }: Readonly<Record<string, string | undefined>>): boolean {
  return WORKERS !== '' && WORKERS !== '1'
}

/**
 * From now on a SIGHUP does not end this process. It is how a server with several workers is reloaded, and one that comes before the primary
 * process can reload, as when a deployment starts a server and reloads it, is no reason to end.
 */
export function holdHangUp(): void {
  process.on('SIGHUP', ignore)
}

/** A server of one process ends by a SIGHUP, as when its terminal closes. */
export function letHangUpEnd(): void {
  process.off('SIGHUP', ignore)
}
