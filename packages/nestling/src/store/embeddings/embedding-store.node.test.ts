import { temporaryFiles } from '../records/temporary-files.contract.js'
import { describeEmbeddingStore } from './embedding-store.contract.js'

const [open, wipe] = temporaryFiles()
describeEmbeddingStore('files', open, wipe)
