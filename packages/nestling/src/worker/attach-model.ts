import type { KernelRung } from '../certify/device-rungs.js'
import { checkWitness } from '../engine/kernels/claim-slot.js'
import { loadKernels } from '../engine/kernels/load-kernels.js'
import { ConfigReader } from '../model/configs/config-reader.js'
import { applyPatch } from '../model/tokenizer-class/tokenizer-json.js'
import { EmbedderError } from '../wire/embedder-error.js'
import type { Verification } from '../wire/load-report.js'
import type { LoadRequest } from '../wire/protocol.js'
import { Certifier, verificationFailed } from '../certify/certifier.js'
import type { LoadParts } from './load-parts.js'
import type { LoadProgress } from './load-progress.js'
import { makeTokenizer, toRunningModel, type RunningModel, type StartedModel } from '../certify/running-model.js'
import { textOf, type SharedContents } from './shared-contents.js'

/**
 * Runs a model whose weights another host has packed into shared memory: no file of the model is read.
 *
 * Kernels are fetched and tried, and vectors are compared with golden ones, as by the first host: a remembered verdict would say nothing
 * of what lies in memory now.
 *
 * @param progress - Told about each phase.
 * @param parts - How engines are made.
 * @returns The running model.
 * @throws {EmbedderError} `environment-unsupported` if the kernels cannot be had or the other hosts' locks are not seen, `out-of-memory`, `verification-failed`, `run-failed`.
 * The page then has the model loaded as if there were nothing to share.
 */
export async function attachModel(
  request: LoadRequest,
  progress: LoadProgress,
  parts: LoadParts,
): Promise<RunningModel> {
  const contents = request.shared?.contents as SharedContents
  const witness = request.shared?.witness
  if (witness !== undefined) await checkWitness(witness)
  const { weights, spec, settings, spaceId } = contents
  progress.begin('compile')
  const url = request.sharedKernels?.[weights.build] ?? ''
  const [probe, module] = await Promise.all([parts.probe('wasm'), loadKernels([{ build: weights.build, url }], true)])
  const file = ConfigReader.parse('tokenizer.json', textOf(contents.tokenizerJson)).values
  const json = applyPatch(file, contents.tokenizer.patch)
  const tokenizer = makeTokenizer({ tokenizer: { ...contents.tokenizer, json }, settings }, spec.vocabSize)
  const engine = await parts.attachKernels({ spec, module, weights })
  const model: StartedModel = { engine, tokenizer, spec, settings, spaceId, reasons: [] }
  progress.begin('warm-up')
  try {
    const verification = await check(model, { ...request, verify: contents.verify }, contents)
    const history = { ...contents.history, warnings: [], verification, probe }
    return { ...toRunningModel(request.model.name, model, history), shared: request.shared }
  } catch (error) {
    await engine.dispose().catch(() => undefined)
    throw error
  }
}

async function check(
  model: StartedModel,
  request: LoadRequest,
  { weights: { build, dtype }, golden }: SharedContents,
): Promise<Verification> {
  const rung: KernelRung = {
    engine: 'kernels',
    device: 'wasm',
    runtime: build,
    dtype,
    reason: 'the weights of another worker',
    isFallbackAdapter: false,
  }
  const certifier = new Certifier(request, {
    startReference: () => Promise.reject(new Error('Cannot compare with WASM in float32 as this is it')),
    readFile: (path) => (golden === undefined ? Promise.reject(notShared(path)) : Promise.resolve(golden)),
  })
  try {
    const verification = await certifier.check(model, rung, undefined)
    if (!verification.verified && verification.source !== 'none') throw verificationFailed(rung, verification)
    return verification
  } finally {
    certifier.close()
  }
}

function notShared(path: string): EmbedderError {
  return new EmbedderError('model-not-found', `Cannot read ${path} as the first worker could not`, {
    details: { path },
  })
}
