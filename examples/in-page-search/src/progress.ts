import type { ProgressEvent } from 'nestling'
import { elementById } from './element.js'

const BYTES_PER_MEGABYTE = 1e6
/** Part of the bar that loading fills. It took a quarter of the whole time on two processor cores without a GPU. */
const LOAD_SHARE = 0.25

/**
 * Shows how far the loading of the model has come.
 *
 * @param event - What `load` reports.
 */
export function loadProgress(event: ProgressEvent): void {
  show(loadWording(event), event.fraction * LOAD_SHARE)
}

/**
 * Shows how many paragraphs have been embedded.
 *
 * @param event - What `encodeDocument` reports.
 */
export function indexProgress({ fraction, done, total }: ProgressEvent): void {
  show(
    done === undefined || total === undefined ? 'Reading the page' : `Reading the page: ${done} of ${total} paragraphs`,
    LOAD_SHARE + fraction * (1 - LOAD_SHARE),
  )
}

/** Takes the bar away. */
export function hideProgress(): void {
  elementById('progress', HTMLElement).hidden = true
}

function show(text: string, fraction: number): void {
  elementById('progress-text', HTMLElement).textContent = text
  elementById('progress-bar', HTMLProgressElement).value = fraction
}

function loadWording({ phase, loadedBytes, totalBytes }: ProgressEvent): string {
  switch (phase) {
    case 'wait':
      return 'Waiting for another tab'
    case 'download':
      if (loadedBytes === undefined) return 'Downloading the model'
      return `Downloading the model: ${megabytes(loadedBytes)}${totalBytes === undefined ? '' : ` of ${megabytes(totalBytes)}`} MB`
    case 'compile':
      return 'Preparing the model'
    case 'warm-up':
    case 'ready':
    case 'encode':
      return 'Warming up'
  }
}

function megabytes(bytes: number): string {
  return (bytes / BYTES_PER_MEGABYTE).toFixed(1)
}
