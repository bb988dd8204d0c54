import { minilmL6 } from '@nestling/minilm-l6'
import { load } from 'nestling'
import { measureColdStart } from '../../../../../bench/measure/cold-start.js'
import { embedderContender } from '../../../../../bench/measure/contender.js'
import { requestedDevice } from '../../model/requested-device.js'
import type { ColdStartMessage } from './cold-start.js'

const TEXT = 'how long until the first vector'

const tell = (message: ColdStartMessage): void => {
  parent.postMessage(message, location.origin)
}

try {
  const device = requestedDevice(location.search)
  const coldStart = await measureColdStart(
    async () => embedderContender('nestling', await load(minilmL6, { device })),
    TEXT,
  )
  tell({ kind: 'cold-start', coldStart })
} catch (error) {
  tell({ kind: 'cold-start', failure: String(error) })
}
