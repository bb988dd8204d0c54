// Makes dist/: the entry by tsc alone, which keeps the literals `new URL('./model.safetensors', import.meta.url)` that the
// user's bundler looks for (Vite's library mode would inline the files as base64), and the model's files beside it.
import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { writeDevelopmentDoors } from '../../tools/build/development-doors.mjs'

const folder = fileURLToPath(new URL('.', import.meta.url))

// A release raises the version in package.json only; a JSON import in dist would not run in every browser.
const { version } = JSON.parse(readFileSync(`${folder}package.json`, 'utf8'))
const versionFile = `${folder}src/version.ts`
const source = readFileSync(versionFile, 'utf8')
const stamped = source.replace(/(?<=export const version = ')[^']*/, () => version)
if (stamped !== source) writeFileSync(versionFile, stamped)

rmSync(`${folder}dist`, { recursive: true, force: true })
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: folder, stdio: 'inherit' })
cpSync(`${folder}model`, `${folder}dist`, { recursive: true })
writeDevelopmentDoors(`${folder}dist`, ['index'])
