import { startingThread } from '@nestling/kit/worker/worker-thread.node'
import { exposeHost } from '../wire/transfer-handlers.js'
import { Host } from './host.js'

exposeHost(new Host(), startingThread())
