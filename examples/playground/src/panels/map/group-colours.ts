/** Dark on light and light on dark. Colour never says it alone: each dot's label names its group too. */
const COLOURS = [
  'light-dark(#2f6db3, #6ea8e8)',
  'light-dark(#c2542d, #f0916b)',
  'light-dark(#1f7a50, #5cc492)',
  'light-dark(#8a3f8f, #d08fd6)',
  'light-dark(#8a6d00, #e0c24a)',
  'light-dark(#0b7f8c, #5fcbd8)',
  'light-dark(#a8325e, #ef8fb0)',
  'light-dark(#5b5f66, #b3b8c0)',
] as const

/**
 * Gives each group a colour.
 *
 * @param groups - Names, with repeats.
 * @returns A colour a name, in the order in which names first come; the last colour serves all that are left.
 */
export function groupColours(groups: readonly string[]): ReadonlyMap<string, string> {
  const last = COLOURS[COLOURS.length - 1] ?? ''
  return new Map([...new Set(groups)].map((group, index) => [group, COLOURS[index] ?? last]))
}
