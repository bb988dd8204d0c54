import type { ProgressEvent } from 'nestling'
import { elementById } from './element.js'

const BYTES_PER_MEGABYTE = 1e6

/**
 * Shows how far loading or encoding has come, on the page and as `data-progress` of the root element.
 *
 * @param event - What the embedder reports.
 */
export function showProgress(event: ProgressEvent): void {
  const text = `${wordingOf(event)} (${Math.floor(event.fraction * 100)} %)`
  elementById('progress-bar', HTMLProgressElement).value = event.fraction
  elementById('progress-text', HTMLElement).textContent = text
  document.documentElement.dataset['progress'] = text
}

function wordingOf({ phase, loadedBytes, totalBytes, done, total }: ProgressEvent): string {
  switch (phase) {
    case 'wait':
      return 'Waiting for another tab'
    case 'download':
      return loadedBytes === undefined
        ? 'Downloading the model'
        : `Downloading the model: ${megabytes(loadedBytes)}${totalBytes === undefined ? '' : ` of ${megabytes(totalBytes)}`} MB`
    case 'compile':
      return 'Preparing the model'
    case 'warm-up':
      return 'Warming up'
    case 'ready':
      return 'Ready'
    case 'encode':
      return done === undefined || total === undefined ? 'Encoding' : `Encoding: ${done} of ${total} texts`
  }
}

function megabytes(bytes: number): string {
  return (bytes / BYTES_PER_MEGABYTE).toFixed(1)
}
