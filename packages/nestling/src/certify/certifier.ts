import { certify } from './certificate.js'
import { thresholdsOf, type Thresholds } from './certificate-thresholds.js'
import { GOLDEN_FILE, readGolden, type ReferenceVectors } from './reference-vectors.js'
import type { Rung } from './device-rungs.js'
import type { StoredVerdict } from '../store/records/stored-verdict.js'
import { VerdictStore } from './verdict-store.js'
import { EmbedderError, isEmbedderError } from '../wire/embedder-error.js'
import type { DeviceProbe, Verification } from '../wire/load-report.js'
import type { LoadRequest } from '../wire/protocol.js'
import { ReferenceMaker, type StartReference } from './reference-maker.js'
import { warmUp, type StartedModel } from './running-model.js'
import { verdictKey } from './verdict-key.js'

/** Why nothing was compared. */
type Unverified = string

/** Failures to read golden vectors that leave a model unverified; a wrong file is another matter. */
const ABSENT = ['model-not-found', 'model-fetch-failed', 'model-rate-limited', 'model-unauthorized'] as const

/** What a certifier needs of a load. */
export interface CertifierParts {
  /** Starts the model on WASM in float32. */
  readonly startReference: StartReference
  /** Reads a text file of the model's folder. */
  readonly readFile: (path: string) => Promise<string>
}

/** Decides for each way to run a model whether its vectors are right, and remembers that. */
export class Certifier {
  readonly #request: LoadRequest
  readonly #store: VerdictStore
  readonly #references: ReferenceMaker
  readonly #readFile: CertifierParts['readFile']
  readonly #startedAt = performance.now()
  #golden: Promise<ReferenceVectors | Unverified> | undefined

  /**
   * Starts opening the store where it will be asked; nothing waits for it before the weights are there.
   *
   * @param request - What is loaded.
   * @param parts - What it needs of the load.
   */
  constructor(request: LoadRequest, { startReference, readFile }: CertifierParts) {
    this.#request = request
    this.#readFile = readFile
    this.#store = new VerdictStore()
    this.#references = new ReferenceMaker(this.#store, startReference)
    if (this.#knownVectorsId({ device: 'webgpu' }) !== undefined) void this.#store.open()
  }

  /**
   * Looks up what an earlier load found.
   *
   * @param rung - The way to run.
   * @param spaceId - The model.
   * @param probe - What is here.
   * @returns The verdict; `undefined` where none is remembered.
   */
  async recall(rung: Rung, spaceId: string, probe: DeviceProbe): Promise<StoredVerdict | undefined> {
    const reference = this.#referenceId(rung)
    if (reference === undefined) return undefined
    return this.#store.verdict(verdictKey({ request: this.#request, rung, spaceId, probe, reference }))
  }

  /**
   * Warms an engine up and compares its vectors with known ones.
   *
   * @param rung - Where it runs.
   * @param known - What an earlier load found: nothing is compared again.
   * @returns What came of it.
   * @throws {EmbedderError} What the engine throws, `model-invalid` or `integrity-mismatch` if the golden vectors are no use, and
   * `verification-failed` if the tokenizer gives other ids than Python.
   */
  async check(model: StartedModel, rung: Rung, known: StoredVerdict | undefined): Promise<Verification> {
    const { engine, settings } = model
    if (known !== undefined && known.verification.source !== 'none') {
      if (known.isPassed) await warmUp(engine, rung, settings.maxSeqLength)
      return { ...known.verification, durationMs: 0, isRemembered: true }
    }
    const found = await this.#compareWith(model, rung)
    if (typeof found === 'string') {
      await warmUp(engine, rung, settings.maxSeqLength)
      return unverified(found)
    }
    const { verification, seqLengths } = await certify({
      ...found,
      engine,
      nestedDims: this.#request.nestedDims ?? [],
      paddingId: model.tokenizer.paddingId,
      isFallbackAdapter: rung.isFallbackAdapter,
      loadMs: performance.now() - this.#startedAt,
    })
    if (verification.verified) await warmUp(engine, rung, settings.maxSeqLength, seqLengths)
    return verification
  }

  /**
   * Remembers a verdict.
   *
   * @param rung - The way to run.
   * @param spaceId - The model.
   * @param probe - What is here.
   * @param found - What was found beside whether it passed.
   */
  async remember(
    rung: Rung,
    spaceId: string,
    probe: DeviceProbe,
    found: Omit<StoredVerdict, 'isPassed'>,
  ): Promise<void> {
    const { verification } = found
    const reference = this.#referenceId(rung)
    const isUnverified = verification.source === 'none'
    const isNew = !verification.isRemembered || found.speed !== undefined || found.tile !== undefined
    if (reference === undefined || (isUnverified && rung.runtime !== 'wgsl') || !isNew) return
    const key = verdictKey({ request: this.#request, rung, spaceId, probe, reference })
    await this.#store.rememberVerdict(key, { ...found, isPassed: verification.verified || isUnverified })
  }

  /** Closes the store. */
  close(): void {
    this.#store.close()
  }

  async #compareWith(
    model: StartedModel,
    rung: Rung,
  ): Promise<{ reference: ReferenceVectors; thresholds: Thresholds } | Unverified> {
    if (this.#request.verify === 'off') return "verify: 'off' was asked for"
    const reference = await this.#reference(model, rung)
    if (typeof reference === 'string') return reference
    const thresholds = thresholdsOf(reference.source, model.engine.dtype, model.spec)
    if (thresholds !== undefined) return { reference, thresholds }
    return `nothing is known of how near ${model.engine.dtype} must be to golden vectors`
  }

  async #reference(model: StartedModel, rung: Rung): Promise<ReferenceVectors | Unverified> {
    if (this.#goldenEntry() !== undefined) {
      this.#golden ??= this.#readGolden(model)
      return this.#golden
    }
    if (rung.device === 'wasm' && model.engine.dtype === 'fp32') {
      return 'the model package has no golden vectors, and float32 on WASM is itself what others are compared with'
    }
    if (rung.device === 'wasm') return 'the model package has no golden vectors'
    if (this.#request.verify === 'full') return this.#references.make(model)
    return "the model package has no golden vectors: verify: 'full' compares with float32 on WASM, which takes a second engine"
  }

  async #readGolden({ tokenizer, spec }: StartedModel): Promise<ReferenceVectors | Unverified> {
    try {
      return readGolden(await this.#readFile(GOLDEN_FILE), tokenizer, spec.dim)
    } catch (error) {
      if (!ABSENT.some((code) => isEmbedderError(error, code))) throw error
      return `the golden vectors could not be read: ${error instanceof Error ? error.message : String(error)}`
    }
  }

  #goldenEntry(): { readonly sha256?: string | undefined } | undefined {
    return goldenEntryOf(this.#request)
  }

  /** What tells one set of known vectors from another; `undefined` where nothing will be remembered. */
  #referenceId(rung: Pick<Rung, 'device' | 'runtime'>): string | undefined {
    // Beside whether they are right, our kernels for WebGPU have their speed and their tiles to be remembered.
    return this.#knownVectorsId(rung) ?? (rung.runtime === 'wgsl' ? 'none' : undefined)
  }

  #knownVectorsId(rung: Pick<Rung, 'device'>): string | undefined {
    if (this.#request.verify === 'off') return undefined
    const golden = this.#goldenEntry()
    if (golden !== undefined) return golden.sha256 === undefined ? undefined : `golden ${golden.sha256}`
    return this.#request.verify === 'full' && rung.device === 'webgpu' ? ReferenceMaker.id : undefined
  }
}

/**
 * Names the file that the vectors of a load will be compared with.
 *
 * @param request - What is loaded.
 * @returns Its path; `undefined` if there is none, or nothing is to be compared.
 */
export function goldenFileOf(request: LoadRequest): string | undefined {
  return request.verify === 'off' || goldenEntryOf(request) === undefined ? undefined : GOLDEN_FILE
}

/** Only a list tells that there are some without a request that may be answered with 404. */
function goldenEntryOf({ model }: LoadRequest): { readonly sha256?: string | undefined } | undefined {
  return model.kind === 'listed' ? model.files.find(({ path }) => path === GOLDEN_FILE) : undefined
}

/**
 * Says that vectors are not near enough.
 *
 * @param rung - The way to run.
 * @param verification - What was found.
 * @returns The error.
 */
export function verificationFailed(rung: Rung, verification: Verification): EmbedderError {
  const { reason, source, minCosine, meanCosine, texts, isRemembered } = verification
  const when = isRemembered ? ', as an earlier load found' : ''
  return new EmbedderError(
    'verification-failed',
    `Cannot trust the vectors of ${rung.device} as they differ from the known ones${when}: ${reason}`,
    {
      details: {
        device: rung.device,
        dtype: rung.dtype,
        source,
        reason,
        minCosine: minCosine ?? null,
        meanCosine: meanCosine ?? null,
        texts,
      },
    },
  )
}

function unverified(reason: string): Verification {
  return {
    verified: false,
    reason,
    source: 'none',
    minCosine: undefined,
    meanCosine: undefined,
    dims: [],
    texts: 0,
    durationMs: 0,
    isRemembered: false,
  }
}
