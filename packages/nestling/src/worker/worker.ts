import { exposeHost } from '../wire/transfer-handlers.js'
import { Host } from './host.js'

// No top-level await: a consumer's bundler may turn this file into a classic script (Vite's default for workers).
exposeHost(new Host())
