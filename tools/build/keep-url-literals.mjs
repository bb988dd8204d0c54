/**
 * Carries `new URL('./x', import.meta.url)` through a build as it is. Vite's library mode would make `./worker.js` a path from the
 * server's root and turn other files into base64; the application's bundler has to see the literals.
 *
 * @returns {import('vite').Plugin} The plug-in.
 */
export function keepUrlLiterals() {
  const literal = /new URL\(\s*'(\.\/[^']+)',\s*import\.meta\.url\s*,?\s*\)/g
  const marker = /__keepUrl\(["'`]([^"'`]+)["'`]\)/g
  // A minifier that removes whitespace writes strings as templates, which not every bundler reads.
  const workerType = /(new URL\('[^']+', import\.meta\.url\)),\s*\{\s*type:\s*`module`\s*\}/g
  const part = /import\(`(\.\/[^`$]+)`\)/g
  return {
    name: 'keep-url-literals',
    enforce: 'pre',
    transform: (code) =>
      code.includes('import.meta.url') ? { code: code.replace(literal, "__keepUrl('$1')"), map: null } : undefined,
    generateBundle(_, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue
        const code = chunk.code.replace(marker, "new URL('$1', import.meta.url)")
        chunk.code = code.replace(workerType, '$1, { type: "module" }').replace(part, "import('$1')")
      }
    },
  }
}
