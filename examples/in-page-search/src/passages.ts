/** A paragraph of the page that can be found. */
export interface Passage {
  /** Id of the paragraph's element, such as `bread-03`. */
  readonly id: string
  /** Heading of its section. */
  readonly section: string
  readonly text: string
  readonly element: HTMLElement
}

/**
 * Collects the paragraphs of all sections, in the order of the page.
 *
 * @param page - The document.
 * @returns Every paragraph that has an id and stands in a section with a heading.
 */
export function readPassages(page: Document): readonly Passage[] {
  return Array.from(page.querySelectorAll('section'), (section) => {
    const heading = section.querySelector('h2')?.textContent ?? ''
    return Array.from(section.querySelectorAll<HTMLElement>('p[id]'), (element) => ({
      id: element.id,
      section: heading,
      text: element.textContent.replaceAll(/\s+/g, ' ').trim(),
      element,
    }))
  }).flat()
}

/**
 * Scrolls to a passage and moves the focus there, so that reading goes on from it with the keyboard and a screen reader.
 *
 * Whether the scrolling is smooth is said in the style sheet, which knows `prefers-reduced-motion`.
 *
 * @param passage - Where to go.
 */
export function jumpTo({ element }: Passage): void {
  element.tabIndex = -1
  element.focus({ preventScroll: true })
  element.scrollIntoView({ block: 'center' })
}
