/**
 * Keeps this page's own files and the runtime of the model, so that the page works without network after one visit. The model is not its
 * business: nestling keeps that in IndexedDB.
 *
 * The build fills in the constants: every file of a version has a name of its own, so nothing in a cache can be out of date, and a
 * version is served whole or not at all.
 */
const VERSION = '__VERSION__'
/** Everything that the page may load from its own folder, but the model. */
const FILES = ['__FILES__']

const PREFIX = '__NAME__-'
const CACHE = PREFIX + VERSION
const URLS = new Set(FILES.map(urlOf))

/** Megabytes, of which a browser needs one build: it is kept when it is first loaded. */
const ON_DEMAND = /\.(?:wasm|mjs)$|transformers/

self.addEventListener('install', (event) => event.waitUntil(install()))
self.addEventListener('activate', (event) => event.waitUntil(activate()))
self.addEventListener('fetch', (event) => {
  const { request } = event
  if (request.method !== 'GET') return
  // A query of the page says what it does, not what it is.
  const url = request.mode === 'navigate' ? urlOf('./') : request.url
  if (URLS.has(url)) event.respondWith(answer(event, url))
})

/** An update waits until no tab has the old version. If anything cannot be had, the old version stays. */
async function install() {
  const cache = await caches.open(CACHE)
  const replaced = await replacedRuntimes()
  for (const file of FILES) {
    const url = urlOf(file)
    // Only the page itself keeps its name from version to version.
    const earlier = file === './' ? undefined : await caches.match(url)
    if (earlier !== undefined) await cache.put(url, earlier)
    else if (!ON_DEMAND.test(file) || replaced.has(kindOf(file)))
      await cache.add(new Request(url, { cache: 'no-cache' }))
  }
}

async function activate() {
  const names = await caches.keys()
  await Promise.all(
    names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)),
  )
  // The first visit too: its worker and runtime are then loaded through here.
  await self.clients.claim()
}

async function answer(event, url) {
  const cache = await caches.open(CACHE)
  const kept = await cache.match(url)
  if (kept !== undefined) return kept
  const response = await fetch(event.request)
  if (response.status === 200) event.waitUntil(cache.put(url, response.clone()))
  return response
}

/** Runtimes that were needed here and that this version has another file for: it must have that before it takes over. */
async function replacedRuntimes() {
  const kinds = new Set()
  for (const name of await caches.keys()) {
    if (!name.startsWith(PREFIX)) continue
    const requests = await (await caches.open(name)).keys()
    for (const { url } of requests) if (ON_DEMAND.test(url) && !URLS.has(url)) kinds.add(kindOf(url))
  }
  return kinds
}

/** Name of a file without the digest that the build puts into it. */
function kindOf(path) {
  return path.slice(path.lastIndexOf('/') + 1).replace(/-[\w-]{8}(?=\.\w+$)/, '')
}

function urlOf(file) {
  return new URL(file, self.location.href).href
}
