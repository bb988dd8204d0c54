import { temporaryFiles } from '../records/temporary-files.contract.js'
import { describeModelStore } from './model-store.contract.js'

const [open, wipe] = temporaryFiles()
describeModelStore('files', open, wipe)
