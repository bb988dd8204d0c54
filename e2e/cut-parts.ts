import type { Page } from 'playwright'

/**
 * Looks for what does not fit: parts that reach out of the window or out of their card, and parts that cut what is in them. What
 * scrolls in a box of its own fits, where the keyboard can scroll it.
 *
 * @param page - The page, as it is now.
 * @returns What was found, a line each.
 */
export function cutParts(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const name = (element: Element): string =>
      `${element.tagName.toLowerCase()}${element.id && `#${element.id}`}.${element.getAttribute('class') ?? ''}`
    const isShown = (element: Element): boolean => {
      const { width, height } = element.getBoundingClientRect()
      // Screen readers alone see what is a pixel large.
      return width > 1 && height > 1 && getComputedStyle(element).visibility !== 'hidden'
    }
    const scrolls = (element: Element): boolean => /auto|scroll/.test(getComputedStyle(element).overflowX)
    const scrollerOf = (element: Element): Element | null => {
      let parent = element.parentElement
      while (parent !== null && parent !== document.body && !scrolls(parent)) parent = parent.parentElement
      return parent === document.body ? null : parent
    }
    const found: string[] = []
    const { scrollWidth, clientWidth } = document.documentElement
    if (scrollWidth > clientWidth) found.push(`the page is ${scrollWidth - clientWidth} px wider than the window`)
    for (const element of document.querySelectorAll('body *')) {
      if (!isShown(element) || element.closest('.visually-hidden') !== null) continue
      const style = getComputedStyle(element)
      const { right, left } = element.getBoundingClientRect()
      if (scrollerOf(element) === null) {
        if (right > clientWidth + 1 || left < -1) found.push(`${name(element)} reaches out of the window`)
        const card = element.parentElement?.closest('.card, .group, .compare') ?? null
        const inner =
          card === null
            ? Infinity
            : card.getBoundingClientRect().right - parseFloat(getComputedStyle(card).paddingRight)
        if (right > inner + 1) found.push(`${name(element)} reaches ${Math.round(right - inner)} px out of its card`)
      }
      const isWide = element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 1
      const isField = element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement
      if (isWide && /hidden|clip/.test(style.overflowX) && style.textOverflow !== 'ellipsis' && !isField) {
        found.push(`${name(element)} cuts what is in it`)
      }
      if (isWide && scrolls(element) && !isField && (element as HTMLElement).tabIndex < 0) {
        found.push(`${name(element)} cannot be scrolled with the keyboard`)
      }
    }
    return found
  })
}
