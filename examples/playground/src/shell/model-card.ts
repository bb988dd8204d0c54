import type { Embedder, ProgressEvent } from 'nestling'
import { find } from '../dom/find.js'
import { bytesInWords } from '../text/bytes.js'
import type { ModelSession, SessionState } from '../model/model-session.js'
import { fixedNumber } from '../../../in-page-search/src/fixed-number.js'

/**
 * Shows what the model is doing, beside the navigation; `data-state` of the root element says it too.
 *
 * @param session - The page's model.
 * @param announce - Says something to screen readers.
 */
export function showModelCard(session: ModelSession, announce: (text: string) => void): void {
  const name = find(document, '#model-name', HTMLElement)
  const line = find(document, '#model-state', HTMLElement)
  const bar = find(document, '#model-progress', HTMLProgressElement)
  session.subscribe((state) => {
    if (state.kind === 'idle') return
    document.documentElement.dataset['state'] = state.kind
    name.textContent = state.choice.label
    line.textContent = wording(state)
    line.title = line.textContent
    if (state.kind === 'loading') bar.value = state.progress?.fraction ?? 0
    if (state.kind === 'ready') {
      performance.mark('model-ready')
      announce(`${state.choice.label} is ready`)
    }
    if (state.kind === 'failed') announce(`${state.choice.label} could not be loaded`)
  })
}

function wording(state: SessionState): string {
  switch (state.kind) {
    case 'idle':
      return ''
    case 'loading':
      return state.progress === undefined ? 'Starting' : progressInWords(state.progress)
    case 'ready':
      return placeInWords(state.embedder.report)
    case 'failed':
      return state.error instanceof Error ? state.error.message : String(state.error)
  }
}

function progressInWords({ phase, loadedBytes, totalBytes }: ProgressEvent): string {
  switch (phase) {
    case 'wait':
      return 'Waiting for another tab'
    case 'download': {
      if (loadedBytes === undefined) return 'Reading the model'
      const total = totalBytes === undefined ? '' : ` of ${bytesInWords(totalBytes)}`
      return `Reading ${bytesInWords(loadedBytes)}${total}`
    }
    case 'compile':
      return 'Preparing'
    case 'warm-up':
    case 'ready':
    case 'encode':
      return 'Warming up'
  }
}

function placeInWords({ device, engine, threads, loadMs }: Embedder['report']): string {
  const where = device === 'webgpu' ? 'WebGPU' : threads === 1 ? 'WASM' : `WASM, ${threads} threads`
  return `${engine} on ${where}, ${fixedNumber(loadMs / 1000, 1)} s`
}
