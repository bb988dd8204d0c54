import { minilmL6 } from '@nestling/minilm-l6'
import { load } from 'nestling'
import { requestedDevice } from './device.js'
import { failureOf, showFailure } from './failure.js'
import { clearHighlights, highlight } from './highlight.js'
import { createNewestQuery } from './newest-query.js'
import { prepareOffline } from './offline.js'
import { createPassageIndex, type PassageIndex } from './passage-index.js'
import { jumpTo, readPassages } from './passages.js'
import { hideProgress, indexProgress, loadProgress } from './progress.js'
import { SearchBox } from './search-box.js'
import { announce, showEngine, showState } from './status.js'
import { whenParsed } from './when-parsed.js'

const TOP_K = 8
const TYPING_PAUSE_MS = 120

await whenParsed()

const box = new SearchBox({
  onQuery(query) {
    if (query === '') {
      newest.cancel()
      clearHighlights()
      announce('')
      return
    }
    newest.submit(query)
  },
  onChoose: jumpTo,
})
const newest = createNewestQuery({ pauseMs: TYPING_PAUSE_MS, run: showHits, onFailure: fail })
const opening = openIndex()
opening.catch(fail)
box.start()

async function openIndex(): Promise<PassageIndex> {
  showState('loading')
  if (box.query === '') announce('Loading the model, you can type already')
  await prepareOffline()
  const embedder = await load(minilmL6, {
    device: requestedDevice(location.search),
    cache: { embeddings: true },
    onProgress: loadProgress,
  })
  // A page that goes into the back-forward cache comes back with its worker; only one that is really left lets it go.
  addEventListener('pagehide', (event) => {
    if (!event.persisted) void embedder.dispose()
  })
  showState('indexing')
  const passages = readPassages(document)
  const index = await createPassageIndex(embedder, passages, indexProgress)
  hideProgress()
  showEngine(embedder.report)
  showState('ready')
  if (box.query === '') announce(`Ready: ${passages.length} paragraphs to search`)
  return index
}

async function showHits(query: string, signal: AbortSignal): Promise<void> {
  if (document.documentElement.dataset['state'] !== 'ready') announce(`“${query}” waits for the model`)
  const index = await opening
  signal.throwIfAborted()
  const hits = await index.search(query, { topK: TOP_K, signal })
  signal.throwIfAborted()
  box.showHits(query, hits)
  highlight(hits)
  announce(`${hits.length} results for “${query}”`)
}

function fail(error: unknown): void {
  newest.cancel()
  hideProgress()
  showState('failed')
  announce('Search is not available')
  showFailure(failureOf(error))
}
