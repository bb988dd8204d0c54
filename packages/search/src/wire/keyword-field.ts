/** What searches by words know of a field. */
export interface KeywordField {
  /**
   * How many times an occurrence in it counts, from 0.001 to 1000.
   *
   * @defaultValue 1
   */
  readonly boost?: number | undefined
}
