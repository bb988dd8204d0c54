import { minilmL6 } from '@nestling/minilm-l6'
import { latest, load, type Embedder } from 'nestling'
import { requestedDevice } from '../../in-page-search/src/device.js'
import { elementById } from '../../in-page-search/src/element.js'
import { prepareOffline } from '../../in-page-search/src/offline.js'
import { showGroups } from './group-view.js'
import { offerInstall } from './install-button.js'
import { hideUndo, offerUndo } from './undo-line.js'
import { KindredNotes } from './kindred-notes.js'
import { showNetwork } from './network-line.js'
import { NoteList } from './note-list.js'
import { fixedNumber } from '../../in-page-search/src/fixed-number.js'

/** Notes that are listed beside the chosen one. */
const NEAREST = 6

const list = new NoteList()
const threshold = elementById('threshold', HTMLInputElement)
const input = elementById('note', HTMLInputElement)
const groups = elementById('groups', HTMLElement)
let chosen: string | undefined
let kindred: KindredNotes | undefined

const say = (text: string): void => {
  elementById('status', HTMLElement).textContent = text
}
const fail = (error: unknown): void => {
  document.documentElement.dataset['state'] = 'failed'
  say(error instanceof Error ? error.message : String(error))
}

offerInstall(elementById('install', HTMLButtonElement))
showNetwork(elementById('network', HTMLElement))
const opening = open()
const encodeNewest = latest(async () => KindredNotes.of(await opening, list.notes))

elementById('add', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault()
  const note = input.value.trim()
  input.value = ''
  if (note === '') return
  list.add(note)
  hideUndo()
  chosen = note
  void update()
})
threshold.addEventListener('input', () => void draw())
void update()

async function open(): Promise<Embedder> {
  await prepareOffline()
  const embedder = await load(minilmL6, {
    device: requestedDevice(location.search),
    cache: { embeddings: true },
    onProgress: ({ fraction }) => {
      say(`Loading the model: ${Math.round(fraction * 100)} %`)
    },
  })
  // A page that goes into the back-forward cache comes back with its worker; only one that is really left lets it go.
  addEventListener('pagehide', (event) => {
    if (!event.persisted) void embedder.dispose()
  })
  return embedder
}

async function update(): Promise<void> {
  try {
    kindred = (await encodeNewest()) ?? kindred
    await draw()
    document.documentElement.dataset['state'] = 'ready'
  } catch (error) {
    fail(error)
  }
}

async function draw(): Promise<void> {
  const least = Number(threshold.value)
  elementById('threshold-value', HTMLOutputElement).textContent = fixedNumber(least, 2)
  const notes = kindred
  if (notes === undefined) return
  const grouped = await notes.group(least)
  if (notes !== kindred || least !== Number(threshold.value)) return
  showGroups(groups, grouped, { chosen, listeners: { onChoose: choose, onRemove: remove } })
  say(`${list.notes.length} notes, ${grouped.groups.length} groups`)
  await compare(notes)
}

async function compare(notes: KindredNotes): Promise<void> {
  const note = chosen
  const near = note === undefined ? [] : await notes.nearest(note, NEAREST)
  if (note !== chosen) return
  elementById('chosen', HTMLElement).textContent = note ?? 'Choose a note to compare it with all others.'
  elementById('nearest', HTMLElement).replaceChildren(
    ...near.map(({ note: other, score }) => {
      const item = document.createElement('li')
      const figure = document.createElement('span')
      figure.textContent = fixedNumber(score, 2)
      item.append(figure, other)
      item.style.setProperty('--score', Math.max(0, score).toFixed(3))
      return item
    }),
  )
}

function choose(note: string): void {
  chosen = note
  for (const button of groups.querySelectorAll('.note')) {
    button.setAttribute('aria-pressed', String(button.textContent === note))
  }
  if (kindred !== undefined) void compare(kindred)
}

function remove(note: string): void {
  const index = list.notes.indexOf(note)
  list.remove(note)
  if (chosen === note) chosen = undefined
  // The button that was pressed goes away with its note.
  offerUndo(note, () => {
    list.putBack(note, index)
    void update()
  })
  void update()
}
