/**
 * Finds an element that the page's HTML must contain.
 *
 * @param type - The class it must have.
 * @throws {TypeError} If it is missing or of another class.
 */
export function elementById<T extends HTMLElement>(id: string, type: abstract new () => T): T {
  const element = document.getElementById(id)
  if (element instanceof type) return element
  throw new TypeError(
    `Cannot start the page as #${id} must be a ${type.name}: current value is ${element?.tagName ?? 'nothing'}`,
  )
}
