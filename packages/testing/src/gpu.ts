import process from 'node:process'

/** WebGPU of a test, or why there is none. */
export type TestGpu = { readonly gpu: GPU; readonly name: string } | { readonly reason: string }

/** Dawn aborts the process when this is collected while anything of it lives. */
let opened: Promise<TestGpu> | undefined

/**
 * Opens WebGPU on Node with Dawn, on the adapter that `npm test` names by `NESTLING_GPU` and the variables of Vulkan. The constants of
 * WebGPU are global from then on.
 *
 * @returns The same for every call of a process.
 */
export function openGpu(): Promise<TestGpu> {
  opened ??= open()
  return opened
}

async function open(): Promise<TestGpu> {
  const name = process.env['NESTLING_GPU']
  if (name === undefined) return { reason: 'not run: npm test names the adapter' }
  const { create, globals } = await import('webgpu')
  Object.assign(globalThis, globals)
  const gpu = create([])
  const adapter = await gpu.requestAdapter()
  if (adapter === null) throw new Error(`Cannot test on ${name} as Dawn finds no adapter`)
  return { gpu, name }
}
