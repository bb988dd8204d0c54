import { temporaryFiles } from '../records/temporary-files.contract.js'
import { describeModelCache } from './model-cache.contract.js'

const [open, wipe] = temporaryFiles()
describeModelCache('files', open, wipe)
