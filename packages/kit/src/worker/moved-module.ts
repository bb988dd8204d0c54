/** Where Vite keeps its copies of dependencies: `.vite/deps`, `.cache/vite/client/deps`, `sb-vite/deps`, `.vite/vitest/1a2b/deps`. */
const VITE_DEPS = /^[^?#]*\/[^/?#]*vite[^/?#]*\/(?:[^?#]*\/)?deps(?:_\w+)?\//i

/** A cache of any other name: `deps/worker.js?worker_file&type=module`. */
const VITE_DEPS_WORKER = /\/deps(?:_\w+)?\/[^/?#]+\?worker_file&/

/** What finds files beside itself. */
const PACKAGES = ['nestling', '@nestling/minilm-l6', '@nestling/search']

/**
 * Tells what to do where Vite's dependency optimiser has moved a module. Vite 7 and older copy the module alone, so that no file that it
 * names as its neighbour is there; Vite 8 has the names follow.
 *
 * @param neighbour - URL of a file that the module names as its neighbour, as a bundler left it.
 * @returns What to do, in a sentence; `undefined` where no module was moved so.
 */
export function adviceForMovedModule(neighbour: string): string | undefined {
  if (!VITE_DEPS.test(neighbour) && !VITE_DEPS_WORKER.test(neighbour)) return undefined
  const names = PACKAGES.map((name) => `'${name}'`).join(', ')
  return `Add optimizeDeps: { exclude: [${names}] } to vite.config: Vite copied the module without the files beside it`
}

/** What to do where a bundler puts a module into another file and leaves its neighbours behind, as those of libraries do. */
export const ADVICE_FOR_LIBRARIES =
  'a library that is bundled must keep nestling external, else copy the files beside its bundle (npx nestling copy-assets DIR --transformers) or give assetBaseUrl'
