import { exposeApi } from '@nestling/kit/worker/endpoint'
import { searchApi } from './search-api.js'

// No top-level await: a consumer's bundler may turn this file into a classic script (Vite's default for workers).
exposeApi(searchApi)
