import type { Embedder } from 'nestling'
import { elementById } from './element.js'

/** What the page is doing; `data-state` of the root element. */
export type PageState = 'loading' | 'indexing' | 'ready' | 'failed'

/**
 * Says what the page is doing, for the style sheet and for tests.
 *
 * @param state - The new state.
 */
export function showState(state: PageState): void {
  document.documentElement.dataset['state'] = state
}

/**
 * Says something to sighted readers and screen readers alike. Progress is kept out of it: a figure that changes ten times a
 * second would be read aloud without end.
 *
 * @param text - A short sentence; empty to say nothing.
 */
export function announce(text: string): void {
  elementById('status', HTMLElement).textContent = text
}

/**
 * Shows where the model runs.
 *
 * @param report - What the embedder says of itself.
 */
export function showEngine({ device, engine, threads }: Embedder['report']): void {
  const where = device === 'webgpu' ? 'WebGPU' : `WebAssembly, ${threads} ${threads === 1 ? 'thread' : 'threads'}`
  elementById('engine', HTMLElement).textContent = `${engine} on ${where}`
}
