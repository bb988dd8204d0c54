import { create } from '../../dom/create.js'
import { bytesInWords } from '../../text/bytes.js'
import type { PageReport } from './collect-report.js'
import { fixedNumber } from '../../../../in-page-search/src/fixed-number.js'

type Fact = readonly [name: string, value: string]

/**
 * Shows what matters most of a report.
 *
 * @returns A card a subject.
 */
export function reportCards(report: PageReport): readonly HTMLElement[] {
  const { warnings, reasons } = report.report
  return [
    card('Device and engine', factList(deviceFacts(report))),
    card('Certificate', factList(certificateFacts(report))),
    card('Cache and memory', factList(cacheFacts(report))),
    card('Model', factList(modelFacts(report))),
    card('Decisions', itemList(reasons)),
    card('Warnings', itemList(warnings.map(({ kind, message }) => `${kind}: ${message}`))),
  ]
}

function deviceFacts({ report, browser }: PageReport): readonly Fact[] {
  const { webgpu } = report.probe
  const adapter = [webgpu.vendor, webgpu.architecture, webgpu.description].filter(Boolean).join(' ') || 'an adapter'
  return [
    ['Device', report.device],
    ['Engine', `${report.engine}, ${report.runtime}, ${report.dtype}`],
    ['Threads', String(report.threads)],
    ['Workers', `${report.workers.running} of ${report.workers.most}`],
    ['Loaded in', `${fixedNumber(report.loadMs / 1000, 2)} s`],
    [
      'WebGPU',
      webgpu.isAvailable ? `${adapter}${webgpu.isFallbackAdapter ? ' (software)' : ''}` : (webgpu.reason ?? 'no'),
    ],
    ['Isolated', browser['isCrossOriginIsolated'] === true ? 'yes' : 'no: one thread'],
  ]
}

function certificateFacts({ report: { verification } }: PageReport): readonly Fact[] {
  return [
    ['Verified', verification.verified ? 'yes' : 'no'],
    ['Why', verification.reason],
    ['Against', verification.source],
    ['Lowest cosine', fixedNumber(verification.minCosine ?? NaN, 5)],
    ['Dims', verification.dims.join(', ') || '–'],
    ['Took', verification.isRemembered ? 'nothing: remembered' : `${fixedNumber(verification.durationMs, 0)} ms`],
  ]
}

function cacheFacts({ report: { cache }, stats, memory }: PageReport): readonly Fact[] {
  const words = (bytes: number | undefined): string => (bytes === undefined ? 'unknown' : bytesInWords(bytes))
  return [
    ['Weights', cache.weights],
    ['Storage', cache.reason === undefined ? cache.storage : `${cache.storage}: ${cache.reason}`],
    ['Origin', `${words(cache.usageBytes)} of ${words(cache.quotaBytes)}`],
    ['Kept vectors', `${stats.embeddings.storedVectors} in ${words(stats.embeddings.sizeBytes)}`],
    ['Hits, misses', `${stats.embeddings.hits}, ${stats.embeddings.misses}`],
    ['Memory', memory === undefined ? 'this browser does not tell' : `${bytesInWords(memory.bytes)}, ${memory.of}`],
  ]
}

function modelFacts({ model, report }: PageReport): readonly Fact[] {
  return [
    ['Name', report.model],
    ['Components', String(model['dim'])],
    ['Nested dims', Array.isArray(model['nestedDims']) ? model['nestedDims'].join(', ') : 'unknown'],
    ['Tokens', String(model['maxSeqLength'])],
    ['Compares by', String(model['similarityFunction'])],
  ]
}

function card(title: string, content: HTMLElement): HTMLElement {
  return create('section', { class: 'card' }, [create('h2', {}, [title]), content])
}

function factList(facts: readonly Fact[]): HTMLElement {
  return create(
    'dl',
    { class: 'facts' },
    facts.flatMap(([name, value]) => [create('dt', {}, [name]), create('dd', {}, [value])]),
  )
}

function itemList(items: readonly string[]): HTMLElement {
  if (items.length === 0) return create('p', { class: 'quiet' }, ['None'])
  return create(
    'ul',
    { class: 'report-list' },
    items.map((item) => create('li', {}, [item])),
  )
}
