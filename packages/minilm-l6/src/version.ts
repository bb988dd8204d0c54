/** Version of this package; the build copies it from package.json. */
export const version = '0.0.0'
