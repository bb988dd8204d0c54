/** Says that what was known of the store may be no more, as its records were deleted or its connection was lost. Its cause tells how. */
export class ConnectionLost extends Error {}
