import { describe, expect, it } from 'vitest'

/** Relative from this page, wherever the runner has put it: steps above the root stay there. */
const TO_ROOT = '../'.repeat(20)

/** What a page does with a module that it imports by an absolute URL. */
interface PageWork {
  /** The module. */
  readonly module: string
  /** Body of a function of the module's exports; returns what is posted. */
  readonly body: string
}

function pageOf({ module, body }: PageWork, base: string | undefined): string {
  const script = `
    const tell = (answer) => parent.postMessage(answer, '*')
    import(${JSON.stringify(new URL(module, location.origin).href)})
      .then(async (exports) => { ${body} })
      .then((value) => tell({ value }), (error) => tell({ error: String(error) }))`
  return `${base === undefined ? '' : `<base href="${base}">`}<script type="module">${script}</script>`
}

/** Opens a page in a frame and waits for what it posts. */
async function answerOf(open: (frame: HTMLIFrameElement) => void): Promise<unknown> {
  const frame = document.createElement('iframe')
  const answer = new Promise((resolve) => {
    const listen = ({ source, data }: MessageEvent<unknown>): void => {
      if (source !== frame.contentWindow) return
      removeEventListener('message', listen)
      resolve(data)
    }
    addEventListener('message', listen)
  })
  open(frame)
  document.body.append(frame)
  try {
    return await answer
  } finally {
    frame.remove()
  }
}

function inSrcdoc(work: PageWork, base?: string): Promise<unknown> {
  return answerOf((frame) => {
    frame.srcdoc = pageOf(work, base)
  })
}

async function inBlob(work: PageWork, base?: string): Promise<unknown> {
  const url = URL.createObjectURL(new Blob([pageOf(work, base)], { type: 'text/html' }))
  try {
    return await answerOf((frame) => {
      frame.src = url
    })
  } finally {
    URL.revokeObjectURL(url)
  }
}

const NESTLING = '/nestling-dist/index.js'
const SEARCH = '/packages/search/dist/index.js'

/** Loads a tiny model from relative URLs, also those of its worker and runtime, and tells where an endpoint of a hub would be. */
function loading(toRoot: string): PageWork {
  const body = `
    const { load, modelFromAssets } = exports
    const options = { device: 'wasm', cache: false }
    const assetBaseUrl = '${toRoot}nestling-dist'
    const dims = []
    for (const given of [{ assetBaseUrl }, { workerUrl: assetBaseUrl + '/worker.js' }]) {
      const embedder = await load('${toRoot}fixtures/bert-mean-normalize', { ...options, ...given })
      dims.push((await embedder.encode('It is well.')).dim)
      await embedder.dispose()
    }
    // Neither is there: the error names the folder that was asked.
    const folderOf = async (model, more) => {
      const { details } = await load(model, { ...options, ...more }).catch((error) => error)
      return String(details.url).replace(/[^/]*$/, '')
    }
    const files = ['config.json', 'tokenizer.json'].map((path) => ({ path, url: path, sizeBytes: 10, sha256: 'x' }))
    const model = { id: 'm', version: '1', license: '', origin: '', files }
    return {
      dims,
      hub: await folderOf('a/b', { endpoint: '${toRoot}hub' }),
      assets: await folderOf(modelFromAssets(model, '${toRoot}copied')),
    }`
  return { module: NESTLING, body }
}

const LOADED = {
  dims: [32, 32],
  hub: `${location.origin}/hub/a/b/resolve/main/`,
  assets: `${location.origin}/copied/models/m@1/`,
}

/** Makes an index whose worker has a relative URL. */
function indexing(toRoot: string): PageWork {
  const body = `
    const index = await exports.createIndex({ dim: 2, worker: '${toRoot}packages/search/dist/search-worker.js' })
    await index.add([{ id: 'a', embedding: Float32Array.of(1, 0) }])
    const { documents } = await index.stats()
    await index.dispose()
    return { documents }`
  return { module: SEARCH, body }
}

describe('relative URLs', () => {
  it.each<[string, (work: PageWork) => Promise<unknown>, string]>([
    ['on a page with a base', (work) => inSrcdoc(work, `${location.origin}/deep/er/`), '../../'],
    ['on a page with a base, from the root', (work) => inSrcdoc(work, `${location.origin}/deep/er/`), '/'],
    ['in a frame of srcdoc', (work) => inSrcdoc(work), TO_ROOT],
    ['on a page of a blob', (work) => inBlob(work), '/'],
    ['on a page of a blob, by a dot', (work) => inBlob(work), './'],
    ['on a page of a blob with a base', (work) => inBlob(work, `${location.origin}/deep/er/`), '../../'],
  ])('count from where those of the page do: %s', async (_, visit, toRoot) => {
    expect(await visit(loading(toRoot))).toEqual({ value: LOADED })
    expect(await visit(indexing(toRoot))).toEqual({ value: { documents: 1 } })
  })
})
