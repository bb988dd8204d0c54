import type { GroupedNotes } from './kindred-notes.js'

/** What the list of groups tells. */
export interface GroupListeners {
  readonly onChoose: (note: string) => void
  readonly onRemove: (note: string) => void
}

/**
 * Shows groups of notes.
 *
 * @param grouped - Groups, and what is in none.
 * @param options - The note that is chosen, and who is told what happens.
 * @param options.listeners - Told what happens.
 */
export function showGroups(
  place: HTMLElement,
  { groups, rest }: GroupedNotes,
  options: { readonly chosen: string | undefined; readonly listeners: GroupListeners },
): void {
  const sections = groups.map((notes) => createGroup(`${notes.length} notes like “${notes[0] ?? ''}”`, notes, options))
  if (rest.length > 0) {
    const alone = createGroup('On their own', rest, options)
    alone.classList.add('is-rest')
    sections.push(alone)
  }
  place.replaceChildren(...sections)
}

function createGroup(
  title: string,
  notes: readonly string[],
  { chosen, listeners }: { readonly chosen: string | undefined; readonly listeners: GroupListeners },
): HTMLElement {
  const section = document.createElement('section')
  section.className = 'group'
  const heading = document.createElement('h2')
  heading.textContent = title
  const list = document.createElement('ul')
  for (const note of notes) {
    const item = document.createElement('li')
    const choose = createButton('note', note, () => {
      listeners.onChoose(note)
    })
    choose.setAttribute('aria-pressed', String(note === chosen))
    const remove = createButton('remove', '×', () => {
      listeners.onRemove(note)
    })
    remove.setAttribute('aria-label', `Remove “${note}”`)
    item.append(choose, remove)
    list.append(item)
  }
  section.append(heading, list)
  return section
}

function createButton(className: string, label: string, onClick: () => void): HTMLButtonElement {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = className
  button.textContent = label
  button.addEventListener('click', onClick)
  return button
}
