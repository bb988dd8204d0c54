import type { EncoderSpec } from '../../../model/encoder-spec.js'
import type { EncoderBatch } from '../../engine.js'
import type { GpuProgram } from './encoder-steps.js'
import type { GpuPipelines } from './gpu-pipelines.js'
import { capacityFor, GpuScratch } from './gpu-scratch.js'
import type { GpuStep, Kernel, RunSize } from './gpu-step.js'
import { FEW_ROWS } from './product-kernels.js'
import { runDataOf, type RunData } from './run-data.js'

/** Where the parameters of a dispatch may begin. */
const ALIGNMENT = 256

/** What a runner is made of. */
export interface RunnerOptions {
  readonly device: GPUDevice
  readonly pipelines: GpuPipelines
  readonly program: GpuProgram
  readonly spec: EncoderSpec
  /** Tokens of the largest runs; a single longer text is one run too. */
  readonly maxRows: number
}

/** Compiled kernels of a run, one for each step. */
export type CompiledRun = readonly GPUComputePipeline[]

/** Runs a program: all its dispatches in one compute pass and one submit. */
export class ProgramRunner {
  readonly #options: RunnerOptions
  readonly #parameters: GPUBuffer
  readonly #compiled = new Map<string, Promise<CompiledRun>>()
  #scratch: GpuScratch | undefined
  #groups: readonly GPUBindGroup[] = []

  /**
   * Prepares: no kernel is compiled and no buffer of a run is made yet.
   *
   * @param options - The program, and what it runs on.
   */
  constructor(options: RunnerOptions) {
    this.#options = options
    this.#parameters = writeParameters(options.device, options.program.steps)
  }

  /** Bytes of GPU memory beside the weights. */
  get byteLength(): number {
    return this.#parameters.size + (this.#scratch?.byteLength ?? 0)
  }

  /**
   * Writes down what a run is told.
   *
   * @param batch - At most `maxRows` tokens, or a single text.
   */
  dataOf(batch: EncoderBatch): RunData {
    return runDataOf(this.#options.spec, batch, this.#options.program.queries)
  }

  /**
   * Compiles the kernels of a run, those that are not compiled yet.
   *
   * @throws {GPUPipelineError} If the browser refuses a kernel.
   */
  compile(size: RunSize): Promise<CompiledRun> {
    const { program, pipelines } = this.#options
    const key = `${isFew(size.rows)} ${isFew(size.texts)}`
    let compiled = this.#compiled.get(key)
    if (compiled === undefined) {
      compiled = Promise.all(
        program.steps.map((step) =>
          pipelines.compile(
            step.label,
            kernelOf(step, size).code,
            step.bindings.map(({ isWritten = false }) => isWritten),
          ),
        ),
      )
      this.#compiled.set(key, compiled)
    }
    return compiled
  }

  /** Whether the buffers of a run are there. */
  hasRoom({ needed }: RunData): boolean {
    return this.#scratch?.fits(needed) === true
  }

  /** Makes buffers that a run has room in; runs that were submitted still end on the old ones. */
  reserve({ needed }: RunData): void {
    const { device, program, spec, maxRows } = this.#options
    this.#scratch?.destroy()
    const scratch = new GpuScratch(device, program.widths, spec.rotaries, capacityFor(needed, maxRows))
    this.#scratch = scratch
    this.#groups = program.steps.map((step, index) => this.#groupOf(step, index, scratch))
  }

  /** Lets go of the buffers of runs. */
  release(): void {
    this.#scratch?.destroy()
    this.#scratch = undefined
  }

  /** Floats from vector to vector. */
  get stride(): number {
    return 4 * this.#options.program.widths.vectors
  }

  /**
   * Submits a run that {@link ProgramRunner.reserve} has made room for.
   *
   * @param target - Gets the vectors, `[texts, stride]`.
   */
  submit({ words, size }: RunData, compiled: CompiledRun, target: GPUBuffer): void {
    const { device, program } = this.#options
    const scratch = this.#scratch
    if (scratch === undefined) throw new Error('Cannot submit a run as it has no buffers')
    device.queue.writeBuffer(scratch.run, 0, words)
    const encoder = device.createCommandEncoder()
    const pass = encoder.beginComputePass()
    program.steps.forEach((step, index) => {
      const [x, y] = kernelOf(step, size).groups(size)
      // Texts without tokens have nothing to compute but their vectors.
      if (x * y === 0) return
      pass.setPipeline(compiled[index] as GPUComputePipeline)
      pass.setBindGroup(0, this.#groups[index] as GPUBindGroup)
      pass.dispatchWorkgroups(x, y)
    })
    pass.end()
    const vectors = scratch.buffers.get(program.result) as GPUBuffer
    encoder.copyBufferToBuffer(vectors, 0, target, 0, size.texts * this.stride * Float32Array.BYTES_PER_ELEMENT)
    device.queue.submit([encoder.finish()])
  }

  #groupOf({ label, bindings, parameters }: GpuStep, index: number, scratch: GpuScratch): GPUBindGroup {
    const { device, pipelines } = this.#options
    const buffers = bindings.map(({ buffer }) => (typeof buffer === 'string' ? scratch.buffers.get(buffer) : buffer))
    const parameter = { buffer: this.#parameters, offset: index * ALIGNMENT, size: parameters.byteLength }
    return device.createBindGroup({
      label,
      layout: pipelines.layoutOf(bindings.map(({ isWritten = false }) => isWritten)),
      entries: [{ buffer: scratch.run }, parameter, ...buffers.map((buffer) => ({ buffer: buffer as GPUBuffer }))].map(
        (resource, binding) => ({ binding, resource }),
      ),
    })
  }
}

function isFew(count: number): boolean {
  return count <= FEW_ROWS
}

function kernelOf({ kernels, counts }: GpuStep, size: RunSize): Kernel {
  return isFew(size[counts]) ? kernels.few : kernels.bulk
}

/** All in one buffer: none of them ever changes. */
function writeParameters(device: GPUDevice, steps: readonly GpuStep[]): GPUBuffer {
  const size = steps.length * ALIGNMENT
  const buffer = device.createBuffer({
    label: 'parameters',
    size,
    usage: GPUBufferUsage.UNIFORM,
    mappedAtCreation: true,
  })
  const range = buffer.getMappedRange()
  steps.forEach(({ parameters }, index) => {
    new Uint32Array(range, index * ALIGNMENT).set(parameters)
  })
  buffer.unmap()
  return buffer
}
