import { packFolder } from './pack-model/pack-folder.js'

const [sourceFolder, packageFolder, ...others] = process.argv.slice(2)
if (sourceFolder === undefined || packageFolder === undefined || others.length > 0) {
  console.error('Usage: tsx tools/pack-model.ts SOURCE_FOLDER PACKAGE_FOLDER')
  process.exitCode = 1
} else {
  for (const { path, sizeBytes } of await packFolder(sourceFolder, packageFolder)) {
    console.log(`${sizeBytes.toLocaleString('en').padStart(12)} bytes  ${path}`)
  }
}
