/** Node tells of each end of a thread; to wait for a lock would keep the process alive. */
export const watchEnd: (...given: readonly unknown[]) => Promise<void> = () => Promise.resolve()
