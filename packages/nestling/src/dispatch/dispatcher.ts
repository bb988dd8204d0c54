import { untilAborted } from '@nestling/kit/calls/until-aborted'
import type { HostAnswer, HostNews, KeptHost } from '../host/kept-host.js'
import { isHostFailure } from '../host/limits.js'
import { nextTask } from '@nestling/kit/calls/next-task'
import type { HostApi } from '../wire/protocol.js'
import { HostCall, type HostCaller } from './host-call.js'
import type { Call, Job, Portion } from './job.js'
import { computesLike, isUsable, mostHosts, shareOf, type Desk } from './share-out.js'
import { textTooLong } from './text-too-long.js'

/** Jobs that a host has of one call: while one runs the next is there already. */
const JOBS_IN_FLIGHT = 2

/** Times that the first host may fail at a call, on one device, before it goes to the next device, or fails itself. */
const MAX_ATTEMPTS = 3

/** Times that a host may fail in a row, on one device, without a single row done; whatever waits fails then. */
const MAX_FAILURES = 5

/** What a dispatcher is made of. */
export interface DispatcherParts {
  /** The host that has the model. It is the judge: a call fails when this one fails at it. */
  readonly first: KeptHost
  /** Makes a host beside it. */
  readonly another: (call: HostCaller) => KeptHost
  /** Most hosts; `auto` goes by cores and memory. */
  readonly workers: number | 'auto'
}

/** Hosts of an embedder. */
export interface WorkerCount {
  /** Those that hold the model at the moment. */
  readonly running: number
  /** Those that bulk work may have. */
  readonly most: number
}

/** How a call is to be done. It is never changed: another one takes its place. */
interface Order {
  /** Hosts among which it was shared out, for the size of its portions. */
  readonly hosts: number
  /** Hosts that have jobs of it, or get some once they are ready. */
  readonly desks: readonly Desk[]
  /** Hosts that failed at it, and get no more of it. */
  readonly avoided: readonly Desk[]
  /** Whether no other host will do. */
  readonly isBound: boolean
  /** How often the first host failed at it, on its device. */
  readonly attempts: number
  /** Whether it shares no batch with others, as a host failed that had some of it. Its jobs may go to any host: all of them or none. */
  readonly isIsolated: boolean
  /** Its jobs that hosts have. */
  readonly jobs: readonly number[]
  /** What lost hosts had of it. */
  readonly returned: readonly Portion[]
}

/**
 * Has calls done by hosts: it alone decides which host gets which job, and what becomes of the jobs of one that fails. Nothing is lost with
 * a host: what was not done is sent again, alone in its batches, so that only the call at fault can fail again. Bounded tries, then one
 * device lower, then the call fails; the next one starts anew.
 */
export class Dispatcher {
  readonly #parts: DispatcherParts
  readonly #desks: Desk[] = []
  /** All calls that are not settled, in the order in which they came. */
  readonly #orders = new Map<Call, Order>()
  /** All jobs that hosts have. What a host tells of any other is ignored. */
  readonly #jobs = new Map<number, Job>()
  #lastId = 0
  #disposed: { readonly reason: unknown } | undefined

  /** Takes over a host that has loaded the model. */
  constructor(parts: DispatcherParts) {
    this.#parts = parts
    this.#addDesk(parts.first)
  }

  /** How many hosts there are. */
  get count(): WorkerCount {
    return { running: this.#ready.length, most: Math.max(1, this.#most - this.#useless) }
  }

  /** Hosts that had to be replaced. */
  get restarts(): number {
    return this.#desks.reduce((sum, { host }) => sum + host.restarts, 0)
  }

  /** Why there are fewer hosts than there might be. */
  get reasons(): readonly string[] {
    const count = this.#useless
    return count === 0 ? [] : [`${count} of the workers for bulk work failed again and again, and get no more of it`]
  }

  /** Has a call done, by the hosts that are best for it or by one that alone will do. It rejects at once where the signal aborts. */
  run<T>(call: Call<T>, signal?: AbortSignal, only?: Desk): Promise<T> {
    if (this.#disposed === undefined) {
      const desks = only === undefined ? this.#choose(call.units) : [only]
      const begun = { avoided: [], attempts: 0, isIsolated: false, jobs: [], returned: [] }
      this.#orders.set(call, { hosts: desks.length, desks, isBound: only !== undefined, ...begun })
      for (const desk of desks) this.#fill(call, desk)
    } else {
      call.fail(this.#disposed.reason)
    }
    return untilAborted(call.result, signal, () => {
      this.#fail(call, signal?.reason)
    })
  }

  /** Has the first host answer. */
  readonly call: HostCaller = (run, signal) => this.run(new HostCall(run), signal, this.#first)

  /** Has each other host answer that is ready; those that fail are left out. */
  async callExtras<T>(run: (host: HostApi) => Promise<T>): Promise<readonly T[]> {
    const extras = this.#ready.filter(({ isFirst }) => !isFirst)
    const results = await Promise.allSettled(extras.map((desk) => this.run(new HostCall(run), undefined, desk)))
    return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  }

  /** Fails all calls, now and later, with a reason, and ends all hosts. A second call does nothing. */
  async dispose(reason: unknown): Promise<void> {
    if (this.#disposed !== undefined) return
    this.#disposed = { reason }
    const ending = this.#desks.map(({ host }) => host.dispose(reason))
    for (const call of [...this.#orders.keys()]) this.#fail(call, reason)
    await Promise.all(ending)
  }

  get #first(): Desk {
    return this.#desks[0] as Desk
  }

  /** Those that have the model and are of use, the first one in front. */
  get #ready(): readonly Desk[] {
    return this.#desks.filter((desk) => desk.host.isReady && isUsable(desk))
  }

  get #useless(): number {
    return this.#desks.filter((desk) => !isUsable(desk)).length
  }

  /** The engine is asked each time: a host that took over may have another one. */
  get #most(): number {
    return mostHosts(this.#first.host.model, this.#parts.workers)
  }

  #addDesk(host: KeptHost): void {
    const desk: Desk = { host, isFirst: this.#desks.length === 0, running: [], failures: 0, leaves: 0 }
    this.#desks.push(desk)
    host.listen((news) => {
      this.#onNews(desk, news)
    })
  }

  #choose(units: number): readonly Desk[] {
    const share = this.#most === 1 ? 'one' : shareOf(units)
    if (share === 'all') {
      while (this.#desks.length < this.#most) this.#addDesk(this.#parts.another(this.call))
      return this.#desks.filter(isUsable)
    }
    const [desk = this.#first, ...others] = this.#ready
    if (share === 'ready') return [desk, ...others]
    return [others.reduce((least, other) => (other.host.size < least.host.size ? other : least), desk)]
  }

  /** Gives a host of a call what it may have of it; one that is not ready is started, and gets it then. */
  #fill(call: Call, desk: Desk): void {
    for (;;) {
      const order = this.#orders.get(call)
      if (order?.desks.includes(desk) !== true) return
      if (!desk.host.isReady) {
        desk.host.start()
        return
      }
      const held = order.jobs.filter((id) => this.#jobAt(desk, id)).length
      if (!order.isBound && !computesLike(desk.host.model, this.#first.host.model)) {
        if (held === 0) this.#leave(call, desk, undefined)
        return
      }
      if (held === JOBS_IN_FLIGHT) return
      const [portion = call.cut(order.hosts), ...returned] = order.returned
      if (portion === 'later') {
        void nextTask().then(() => {
          this.#fill(call, desk)
        })
        return
      }
      if (portion === undefined) {
        if (order.jobs.length === 0) this.#finish(call)
        // What has nothing to do of a call has no part in what becomes of it.
        else if (held === 0) this.#change(call, { desks: order.desks.filter((other) => other !== desk) })
        return
      }
      const job = { ...portion, id: ++this.#lastId, call, desk, isIsolated: order.isIsolated }
      this.#change(call, { returned, jobs: [...order.jobs, job.id] })
      this.#send(job)
    }
  }

  #send(job: Job): void {
    this.#jobs.set(job.id, job)
    job.call.send(job.desk.host, job).then(
      () => {
        this.#endIfDone(job)
      },
      (error: unknown) => {
        if (this.#jobs.has(job.id)) this.#fail(job.call, error)
      },
    )
  }

  /** An answer without rows may be all; otherwise rows are still to come. */
  #endIfDone(job: Job): void {
    const { id, call, desk } = job
    // Whoever heard of the progress may have ended the call.
    if (!this.#jobs.has(id) || call.missingOf(job) !== undefined) return
    desk.failures = 0
    this.#jobs.delete(id)
    const { jobs } = this.#orders.get(call) as Order
    this.#change(call, { jobs: jobs.filter((other) => other !== id) })
    this.#fill(call, desk)
  }

  #finish(call: Call): void {
    this.#orders.delete(call)
    call.finish()
  }

  /** Settles a call at once, and ends what hosts still do of it. */
  #fail(call: Call, error: unknown): void {
    const { jobs = [] } = this.#orders.get(call) ?? {}
    this.#orders.delete(call)
    for (const desk of this.#desks) {
      const ids = jobs.filter((id) => this.#jobAt(desk, id))
      if (ids.length > 0) desk.host.cancel(ids)
    }
    for (const id of jobs) this.#jobs.delete(id)
    call.fail(error)
  }

  #change(call: Call, change: Partial<Order>): void {
    const order = this.#orders.get(call)
    if (order !== undefined) this.#orders.set(call, { ...order, ...change })
  }

  #onNews(desk: Desk, news: HostNews): void {
    if (news.kind === 'ready') for (const call of [...this.#orders.keys()]) this.#fill(call, desk)
    else if (news.kind === 'unloadable') for (const call of this.#callsAt(desk)) this.#leave(call, desk, news.error)
    else if (news.kind === 'lost') this.#onLost(desk, news.error, this.#suspectsAt(desk))
    else this.#onEvent(desk, news)
  }

  #onEvent(desk: Desk, event: HostAnswer): void {
    desk.running = event.kind === 'slice' ? event.ids : []
    if (event.kind === 'slice') return
    if (event.kind === 'rows') {
      desk.failures = 0
      for (const rows of event.rows) {
        const job = this.#jobAt(desk, rows.id)
        if (job === undefined) continue
        desk.leaves = 0
        job.call.take(job, rows)
        this.#endIfDone(job)
      }
      return
    }
    const job = this.#jobAt(desk, event.id)
    if (job === undefined) return
    if (event.kind === 'too-long') {
      const { maxSeqLength } = desk.host.model
      this.#fail(job.call, textTooLong(job.places[event.index] ?? -1, event.tokenCount, maxSeqLength))
    } else if (isHostFailure(event.error)) {
      desk.host.stop()
      this.#onLost(desk, event.error, [job.call])
    } else {
      this.#fail(job.call, event.error)
    }
  }

  #jobAt(desk: Desk, id: number): Job | undefined {
    const job = this.#jobs.get(id)
    return job?.desk === desk ? job : undefined
  }

  #callsAt(desk: Desk): readonly Call[] {
    return [...this.#orders].flatMap(([call, { desks }]) => (desks.includes(desk) ? [call] : []))
  }

  /** Whose fault it may be that a host is lost: the calls that it was at alone, or all. */
  #suspectsAt(desk: Desk): readonly Call[] {
    const running = desk.running.flatMap((id) => this.#jobAt(desk, id)?.call ?? [])
    return running.length > 0 ? running : this.#callsAt(desk)
  }

  /** All that a lost host had goes to others, or to the one that takes over. */
  #onLost(desk: Desk, error: unknown, suspects: readonly Call[]): void {
    const calls = this.#callsAt(desk)
    const suspected = new Set(suspects)
    desk.running = []
    desk.failures++
    const hopeless = calls.filter((call) => this.#takeBack(call, desk, suspected.has(call)) >= MAX_ATTEMPTS)
    const isHopeless = desk.failures >= MAX_FAILURES
    if ((isHopeless || hopeless.length > 0) && desk.host.lowerDevice(error)) {
      desk.failures = 0
      for (const call of hopeless) this.#change(call, { attempts: MAX_ATTEMPTS - 1 })
    } else {
      for (const call of isHopeless ? calls : hopeless) this.#leave(call, desk, error)
    }
    for (const call of calls) this.#rescue(call)
  }

  /** Gives how often the host has failed at the call; one beside the first has one attempt. */
  #takeBack(call: Call, desk: Desk, isSuspect: boolean): number {
    const order = this.#orders.get(call) as Order
    const lost = order.jobs.flatMap((id) => this.#jobAt(desk, id) ?? [])
    for (const { id } of lost) this.#jobs.delete(id)
    const jobs = order.jobs.filter((id) => this.#jobs.has(id))
    const returned = [...order.returned, ...lost.flatMap((job) => call.missingOf(job) ?? [])]
    const attempts = isSuspect && desk.isFirst ? order.attempts + 1 : order.attempts
    this.#change(call, { jobs, returned, attempts, isIsolated: true })
    if (!isSuspect) return 0
    return desk.isFirst ? attempts : MAX_ATTEMPTS
  }

  /** Has a call done without a host that failed at it, or fails it where there is no other. */
  #leave(call: Call, desk: Desk, error: unknown): void {
    const order = this.#orders.get(call)
    if (order === undefined) return
    if (desk.isFirst || order.isBound) {
      this.#fail(call, error)
      return
    }
    desk.leaves++
    const desks = order.desks.filter((other) => other !== desk)
    this.#change(call, { desks, avoided: [...order.avoided, desk] })
    this.#rescue(call)
  }

  /** Has all hosts help that are ready, and the first one in any case. */
  #rescue(call: Call): void {
    const order = this.#orders.get(call)
    if (order === undefined) return
    const helping = order.isBound ? [] : [...this.#ready.filter((desk) => !order.avoided.includes(desk)), this.#first]
    const desks = [...new Set([...order.desks, ...helping])]
    this.#change(call, { desks })
    for (const desk of desks) this.#fill(call, desk)
  }
}
