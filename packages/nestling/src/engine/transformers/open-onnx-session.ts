import { env, LogLevel, PreTrainedModel, Tensor } from '@huggingface/transformers'
import { RUNTIME_INIT_MS } from '../import/import-module.js'
import type { OnnxInputs, OnnxOutput, OnnxSession, OnnxSessionRequest, TransformersChunk } from './onnx-session.js'

/** Name under which transformers.js asks for our folder. It must look like a hub id. */
const FOLDER = 'model'
const PREFIX = `/${FOLDER}/`

/** What is used of a session of onnxruntime. */
interface OrtSession extends Pick<OnnxSession, 'inputNames' | 'outputNames'> {
  run(feeds: Record<string, unknown>, outputs: readonly string[]): Promise<Record<string, unknown>>
  release(): Promise<void>
}

/**
 * Opens a session of the onnxruntime-web that transformers.js pins.
 *
 * One module instance opens one session: transformers.js chains its loads, so that after one failure all later ones fail too.
 *
 * @param request - Model, device and runtime.
 * @throws {Error} What reading the model and onnxruntime throw.
 */
export const openOnnxSession: TransformersChunk['openOnnxSession'] = async (request) => {
  configure(request)
  const failures: unknown[] = []
  serveFiles(request, failures)
  try {
    const model = await PreTrainedModel.from_pretrained(FOLDER, {
      // «custom» opens `onnx/model*.onnx` whatever the architecture is; which class would wrap it does not matter to us.
      config: { ...request.config, model_type: 'custom', architectures: [] } as never,
      dtype: request.dtype,
      device: request.gpu === undefined ? 'wasm' : 'webgpu',
      local_files_only: true,
      session_options:
        request.gpu === undefined ? {} : { executionProviders: [{ name: 'webgpu', device: request.gpu } as never] },
    })
    return new Session(model.sessions['model'] as OrtSession)
  } catch (error) {
    // transformers.js takes a file that cannot be read for one that is not there.
    throw failures[0] ?? error
  } finally {
    env.customCache = NO_FILES
  }
}

const NO_FILES = { match: () => Promise.resolve(undefined), put: () => Promise.resolve() }

/** Nothing comes from a hub, a CDN or a cache that is not ours. */
function configure({ runtime, threads }: OnnxSessionRequest): void {
  env.logLevel = LogLevel.ERROR
  env.allowRemoteModels = false
  env.allowLocalModels = true
  env.localModelPath = '/'
  env.useBrowserCache = false
  // It would also hide the module from the browser's cache of compiled code.
  env.useWasmCache = false
  env.useCustomCache = true
  env.fetch = (input) => Promise.reject(new Error(`Cannot fetch ${String(input)} as only the model folder may be read`))
  const { wasm } = env.backends.onnx
  if (wasm === undefined) throw new Error('Cannot open a session as transformers.js has no onnxruntime-web')
  wasm.numThreads = threads
  wasm.initTimeout = RUNTIME_INIT_MS
  wasm.wasmPaths = { mjs: runtime.loader, wasm: runtime.wasm }
}

/** The cache is the only door through which bytes come in without being copied. */
function serveFiles({ read }: OnnxSessionRequest, failures: unknown[]): void {
  const match = async (path: string): Promise<unknown> => {
    if (!path.startsWith(PREFIX)) return undefined
    try {
      const bytes = await read(path.slice(PREFIX.length))
      const isWhole = bytes.byteLength === bytes.buffer.byteLength
      const buffer = isWhole ? bytes.buffer : bytes.slice().buffer
      return { status: 200, headers: new Headers(), arrayBuffer: () => Promise.resolve(buffer) }
    } catch (error) {
      failures.push(error)
      throw error
    }
  }
  env.customCache = { ...NO_FILES, match: match as never }
}

class Session implements OnnxSession {
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  readonly #session: OrtSession

  constructor(session: OrtSession) {
    this.#session = session
    this.inputNames = session.inputNames
    this.outputNames = session.outputNames
  }

  /** Not through `model.forward`: a failed run there makes every later one fail, and writes the tokens to the console. */
  async run({ dims, data }: OnnxInputs, output: string): Promise<OnnxOutput> {
    const tensors = Object.entries(data).map(
      ([name, values]) => [name, new Tensor('int64', values, [...dims])] as const,
    )
    const feeds = Object.fromEntries(tensors.map(([name, tensor]) => [name, tensor.ort_tensor as unknown]))
    const results = await this.#session.run(feeds, [output])
    const tensor = new Tensor(results[output] as never)
    // Graphs in float16 may end in it.
    const floats = tensor.type === 'float32' ? tensor : tensor.to('float32')
    const result = { dims: [...tensor.dims], data: floats.data as Float32Array<ArrayBuffer> }
    tensor.dispose()
    return result
  }

  async dispose(): Promise<void> {
    await this.#session.release()
  }
}
