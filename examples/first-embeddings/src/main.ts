import { minilmL6 } from '@nestling/minilm-l6'
import { isEmbedderError, load } from 'nestling'
import { requestedDevice } from './device.js'
import { elementById } from './element.js'
import { showProgress } from './progress.js'
import { type FirstEmbeddingsResult, showResult } from './result.js'

const SENTENCES = ['It is well.', "That's convenient.", 'away from the children']

async function run(): Promise<FirstEmbeddingsResult> {
  const loadStart = performance.now()
  const embedder = await load(minilmL6, { device: requestedDevice(location.search), onProgress: showProgress })
  try {
    const loadMs = performance.now() - loadStart
    const encodeStart = performance.now()
    const embeddings = await embedder.encode(SENTENCES, { onProgress: showProgress })
    const encodeMs = performance.now() - encodeStart
    const similarity = await embedder.similarity(embeddings, embeddings)
    const { device, engine, runtime } = embedder.report
    return {
      device,
      engine,
      runtime,
      shape: [...embeddings.shape],
      similarity: [...similarity].map((row) => [...row]),
      loadMs,
      encodeMs,
    }
  } finally {
    await embedder.dispose()
  }
}

try {
  showResult(SENTENCES, await run())
  document.documentElement.dataset['state'] = 'done'
} catch (error) {
  const failure = elementById('failure', HTMLElement)
  const message = error instanceof Error ? error.message : String(error)
  failure.textContent = isEmbedderError(error) ? `${message} (${error.code})` : message
  failure.hidden = false
  document.documentElement.dataset['state'] = 'failed'
} finally {
  elementById('progress', HTMLElement).hidden = true
}
