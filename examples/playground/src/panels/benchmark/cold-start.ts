import type { ColdStart } from '../../../../../bench/measure/cold-start.js'

/** What the page in the frame says. */
export type ColdStartMessage =
  | { readonly kind: 'cold-start'; readonly coldStart: ColdStart }
  | { readonly kind: 'cold-start'; readonly failure: string }

/** A page that says nothing for so long never will. */
const LIMIT_MS = 120_000

/**
 * Opens a fresh document in a frame, which loads the default model and encodes a text.
 *
 * @param signal - Ends it.
 * @returns Its times.
 * @throws {Error} If the document fails, or says nothing for two minutes. On an abort, the signal's reason.
 */
export async function coldStartInFrame(signal: AbortSignal): Promise<ColdStart> {
  signal.throwIfAborted()
  const frame = document.createElement('iframe')
  frame.title = 'Cold start'
  frame.hidden = true
  frame.src = `./cold-start.html${location.search}`
  const ended = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)])
  try {
    return await new Promise<ColdStart>((resolve, reject) => {
      ended.addEventListener('abort', () => {
        reject(ended.reason as Error)
      })
      addEventListener(
        'message',
        ({ source, origin, data }: MessageEvent<ColdStartMessage>) => {
          if (source !== frame.contentWindow || origin !== location.origin) return
          if ('coldStart' in data) resolve(data.coldStart)
          else reject(new Error(data.failure))
        },
        { signal: ended },
      )
      document.body.append(frame)
    })
  } finally {
    frame.remove()
  }
}
