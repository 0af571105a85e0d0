type Cleanup = () => Promise<unknown>

const cleanups = new Set<Cleanup>()

/** Has `cleanup` run when the suite is stopped half-way; the function returned takes that back. */
export function onStop(cleanup: Cleanup): () => void {
  cleanups.add(cleanup)
  return () => cleanups.delete(cleanup)
}

/** SIGTERM, or the end of the process that started this one: databases are dropped, folders removed, then it ends. */
export function stopOnSignal(): void {
  const stop = async () => {
    await Promise.allSettled([...cleanups].map((cleanup) => cleanup()))
    process.exit(143)
  }
  process.once('SIGTERM', stop)
  process.once('disconnect', () => {
    // The parent, which would have swept up, is gone: this process ends its whole group, itself included.
    process.once('exit', () => process.kill(-process.pid, 'SIGKILL'))
    void stop()
  })
  process.channel?.unref()
}
