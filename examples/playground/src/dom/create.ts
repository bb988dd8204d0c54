/** Attributes of a new element; `undefined` and `false` leave one out. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>

/**
 * Creates an element.
 *
 * @param tag - Its name.
 * @param children - Texts and elements in it.
 */
export function create<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  children: readonly (Node | string)[] = [],
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  setAttributes(element, attributes)
  element.append(...children)
  return element
}

/**
 * Creates an element of a drawing.
 *
 * @param tag - Its name.
 */
export function createSvg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
): SVGElementTagNameMap[K] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag)
  setAttributes(element, attributes)
  return element
}

/**
 * Creates a button.
 *
 * @param label - What it says.
 * @param onClick - What it does.
 * @param attributes - Further attributes.
 */
export function createButton(label: string, onClick: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const button = create('button', { type: 'button', ...attributes }, [label])
  button.addEventListener('click', onClick)
  return button
}

function setAttributes(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue
    element.setAttribute(name, value === true ? '' : String(value))
  }
}
