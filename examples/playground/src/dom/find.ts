/**
 * Finds an element that markup must contain.
 *
 * @param root - Where to look.
 * @param selector - A CSS selector.
 * @param type - The class it must have.
 * @returns The first such element.
 * @throws {TypeError} If it is missing or of another class.
 */
export function find<T extends Element>(root: ParentNode, selector: string, type: abstract new () => T): T {
  const found = root.querySelector(selector)
  if (found instanceof type) return found
  throw new TypeError(
    `Cannot build the page as ${selector} must be a ${type.name}: current value is ${found?.tagName ?? 'nothing'}`,
  )
}
