import { find } from './dom/find.js'
import { DEFAULT_MODEL } from './model/default-model.js'
import { ModelSession } from './model/model-session.js'
import { requestedDevice } from './model/requested-device.js'
import { afterFirstPaint } from './shell/first-paint.js'
import { showModelCard } from './shell/model-card.js'
import { Router } from './shell/router.js'

const content = find(document, '#content', HTMLElement)
const announcement = find(document, '#announcement', HTMLElement)
const announce = (text: string): void => {
  announcement.textContent = text
}

const session = new ModelSession(requestedDevice(location.search))
showModelCard(session, announce)
new Router(content, { session, announce }).start()

find(document, '#skip', HTMLAnchorElement).addEventListener('click', (event) => {
  // The address names the panel, so it cannot name a place in it too.
  event.preventDefault()
  content.focus()
})
// A page that goes into the back-forward cache comes back with its worker; only one that is really left lets it go.
addEventListener('pagehide', (event) => {
  if (!event.persisted && session.state.kind === 'ready') void session.state.embedder.dispose()
})

await afterFirstPaint()
session.load(DEFAULT_MODEL).catch(() => undefined)
