import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

/** Folder of the compiler, whose own library is compiled in. */
export const ASSEMBLYSCRIPT = dirname(dirname(fileURLToPath(import.meta.resolve('assemblyscript/asc'))))

/** The flag is part of the import. The code is the same: nothing is atomic, as workers write to places of their own. */
const SHARED = ['--sharedMemory', '--maximumMemory', '65536', '--enable', 'threads']

/**
 * Compiles kernels written in AssemblyScript. Their driver owns the memory and nothing allocates, so they need no runtime, and no
 * assertions of one.
 *
 * @param {string} folder Where their `index.ts` is.
 * @param {string} features Features of WebAssembly that they use, parted by commas.
 * @param {{ isShared?: boolean }} [options] `isShared`: for a memory that several workers share.
 * @returns {Promise<Uint8Array<ArrayBuffer>>} The WebAssembly module.
 */
export async function compileAssemblyScript(folder, features, { isShared = false } = {}) {
  /** @type {Uint8Array<ArrayBuffer> | undefined} */
  let module
  const places = ['index.ts', '--baseDir', folder, '--outFile', 'kernels.wasm']
  const memory = ['--importMemory', '--initialMemory', '0', '--noExportMemory', ...(isShared ? SHARED : [])]
  const size = ['-O3', '--runtime', 'stub', '--noAssert', '--use', 'abort=']
  let output = ''
  const { error } = await asc.main([...places, '--enable', features, ...memory, ...size], {
    writeFile: (file, contents) => {
      if (file.endsWith('.wasm')) module = /** @type {Uint8Array<ArrayBuffer>} */ (contents)
    },
    stderr: {
      write: (chunk) => {
        output += typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk)
      },
    },
  })
  if (error !== null || module === undefined || output !== '') {
    throw new Error(`Cannot compile the kernels of ${folder} (${features}): ${error?.message ?? ''}\n${output}`)
  }
  return module
}
