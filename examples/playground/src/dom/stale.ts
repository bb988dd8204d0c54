/**
 * Marks what is shown as the answer to an earlier question while a new one is on its way.
 *
 * @param isStale - Whether it is.
 */
export function markStale(place: HTMLElement, isStale: boolean): void {
  place.classList.toggle('is-stale', isStale)
}
