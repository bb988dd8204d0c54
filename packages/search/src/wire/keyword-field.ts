/** What searches by words know of a field. */
export interface KeywordField {
  /**
   * How many times an occurrence in it counts; more than 0.
   *
   * @defaultValue 1
   */
  readonly boost?: number | undefined
}
