import { exposeApi } from '@nestling/kit/worker/endpoint'
import { startingThread } from '@nestling/kit/worker/worker-thread.node'
import { searchApi } from './search-api.js'

exposeApi(searchApi, startingThread())
