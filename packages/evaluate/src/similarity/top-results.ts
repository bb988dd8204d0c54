/**
 * Finds the best `k` of many in the order that `isBefore` gives.
 *
 * A heap whose top is the worst of those kept: most candidates cost one comparison.
 *
 * @param count - Number of candidates.
 * @param k - How many to keep.
 * @param isBefore - Whether the first candidate is better than the second; never both ways for two of them.
 * @returns Indices of the best, the best first; all of them where there are not more than `k`.
 */
export function topResults(count: number, k: number, isBefore: (a: number, b: number) => boolean): number[] {
  const heap: number[] = []
  for (let candidate = 0; candidate < count; candidate++) {
    if (heap.length < k) {
      heap.push(candidate)
      siftUp(heap, isBefore)
    } else if (isBefore(candidate, heap[0] as number)) {
      heap[0] = candidate
      siftDown(heap, isBefore)
    }
  }
  return heap.sort((a, b) => (isBefore(a, b) ? -1 : 1))
}

function siftUp(heap: number[], isBefore: (a: number, b: number) => boolean): void {
  let place = heap.length - 1
  while (place > 0) {
    const parent = (place - 1) >> 1
    if (isBefore(heap[place] as number, heap[parent] as number)) return
    swap(heap, place, parent)
    place = parent
  }
}

function siftDown(heap: number[], isBefore: (a: number, b: number) => boolean): void {
  for (let place = 0; ;) {
    let worst = place
    for (const child of [2 * place + 1, 2 * place + 2]) {
      if (child < heap.length && isBefore(heap[worst] as number, heap[child] as number)) worst = child
    }
    if (worst === place) return
    swap(heap, place, worst)
    place = worst
  }
}

function swap(heap: number[], a: number, b: number): void {
  const value = heap[a] as number
  heap[a] = heap[b] as number
  heap[b] = value
}
