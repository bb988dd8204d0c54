/** Work that stops now and then, each time after about half a millisecond, and returns its result in the end. */
export type Steps<T> = Generator<undefined, T, undefined>
