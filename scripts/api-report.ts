// The public API of each entry as text in test/api/, so that a change to it is visible in the diff.
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor'
import { mkdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const { exports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  exports: Record<string, string | { types: string }>
}
const check = process.argv.includes('--check')
const stale: string[] = []

for (const [entry, target] of Object.entries(exports)) {
  if (typeof target === 'string') continue
  const name = entry === '.' ? 'statewire' : `statewire-${entry.slice(2).replaceAll('/', '-')}`
  mkdirSync(`${root}test/api`, { recursive: true })
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: `${root}${target.types}`,
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'es2022',
            module: 'nodenext',
            moduleResolution: 'nodenext',
            lib: ['es2023', 'dom', 'dom.iterable', 'esnext.disposable'],
            types: ['node'],
            strict: true,
            skipLibCheck: true,
          },
          files: [`${root}${target.types}`],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: `${name}.api.md`,
        reportFolder: `${root}test/api`,
        reportTempFolder: `${root}test-results/api`,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      newlineKind: 'lf',
      messages: {
        extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: `${root}package.json`,
  })
  const result = Extractor.invoke(config, {
    localBuild: !check,
    messageCallback: (message) => {
      message.handled = message.logLevel !== ExtractorLogLevel.Error
    },
  })
  if (result.errorCount > 0) throw new Error(`the API of ${entry} cannot be read`)
  if (result.apiReportChanged) stale.push(`test/api/${name}.api.md`)
}

if (check && stale.length > 0) {
  console.error(`${stale.join(', ')}: the public API has changed; if intended, run npm run api`)
  process.exitCode = 1
} else console.log(stale.length > 0 ? `written: ${stale.join(', ')}` : 'test/api/ is up to date')
