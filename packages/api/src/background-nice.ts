/**
 * What nobody waits for yields the cores to what somebody does. Linux knows a priority for each thread; elsewhere it would be the whole
 * process's.
 */
export const backgroundNice = process.platform === 'linux' ? 10 : 0
