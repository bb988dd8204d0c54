/** What examples in the docs may use without saying where it comes from. */
declare const minilmL6: typeof import('@nestling/minilm-l6').minilmL6
declare const load: typeof import('nestling').load
declare const latest: typeof import('nestling').latest
declare const quantizeEmbeddings: typeof import('nestling').quantizeEmbeddings
declare const Matrix: typeof import('nestling').Matrix
declare const embedder: import('nestling').Embedder
declare const model: import('nestling').ModelSource
declare const passages: readonly string[]
declare const documents: readonly string[]
declare const texts: readonly string[]
declare const spaceId: string
declare const signal: AbortSignal
declare const chapter: string
declare const bar: { set(share: number): void }
declare const query: string
declare const show: (event: Event) => void
declare const sentences: readonly string[]
declare const ids: readonly number[]
declare const input: HTMLInputElement
declare const vectors: import('nestling').Embeddings
/** Written by whoever copies the service worker of the example. */
declare const prepareOffline: () => Promise<void>
