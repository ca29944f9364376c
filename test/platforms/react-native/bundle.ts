// What Metro makes of an app that uses statewire, as one script: each file through React Native's own Babel preset.
import { createRequire } from 'node:module'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { root, tools } from '../support/child.js'

/**
 * `hermes-stable` keeps classes and lowers private names; `default` turns classes into functions, for older engines.
 */
export type Profile = 'hermes-stable' | 'default'

/** React Native's native parts, and those that only measure. */
const natives: Record<string, string> = {
  NativeWebSocketModule: `export default globalThis.native.webSocket`,
  NativeBlobModule: `export default globalThis.native.blob`,
  NativeFileReaderModule: `export default {}`,
  Platform: `export default { OS: 'ios', select: (all) => all.ios }`,
  Systrace: `export const trace = (name, work) => work()`,
  ReactNativeFeatureFlags: `export const enableNativeEventTargetEventDispatching = () => false`,
}

const entries: Record<string, string> = {
  statewire: 'dist/src/index.js',
  'statewire/websocket': 'dist/src/websocket/index.js',
  'statewire/testing': 'dist/src/tools/testing/browser.js',
  'statewire/xstate': 'dist/src/xstate/index.js',
  'statewire/inspect': 'dist/src/tools/inspect/index.js',
}

interface Babel {
  transformAsync(code: string, options: object): Promise<{ code: string }>
}

const require = createRequire(join(tools, '../package.json'))
const load = (): Babel => require('@babel/core') as Babel
const alone = { babelrc: false, configFile: false, compact: false }

function metro(profile: Profile): Plugin {
  return {
    name: 'metro',
    setup(build) {
      const babel = load()
      const preset = [
        require.resolve('@react-native/babel-preset'),
        { unstable_transformProfile: profile, disableImportExportTransform: true, dev: false },
      ]
      build.onResolve({ filter: /^statewire(?:\/|$)/ }, ({ path }) => ({ path: join(root, entries[path]!) }))
      build.onResolve({ filter: /^react-native\// }, ({ path }) => ({ path: require.resolve(join(tools, path)) }))
      build.onResolve({ filter: /^(?:event-target-polyfill|base64-js)$/ }, ({ path }) => ({
        path: require.resolve(path),
      }))
      build.onResolve({ filter: /^@babel\/runtime\// }, ({ path }) => ({ path: require.resolve(path) }))
      build.onResolve({ filter: /\/\w+$/ }, ({ path }) => {
        const name = path.slice(path.lastIndexOf('/') + 1)
        return name in natives ? { path: name, namespace: 'native' } : undefined
      })
      build.onLoad({ filter: /./, namespace: 'native' }, ({ path }) => ({ contents: natives[path]!, loader: 'js' }))
      build.onLoad({ filter: /\.js$/, namespace: 'file' }, async ({ path }) => {
        const options = { ...alone, filename: path, presets: [preset] }
        const { code } = await babel.transformAsync(await readFile(path, 'utf8'), options)
        return { contents: code, loader: 'js' }
      })
    },
  }
}

export async function bundleForReactNative(entry: string, profile: Profile): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'iife',
    // This repository declares that importing its files has no side effects.
    ignoreAnnotations: true,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['react-native', 'require'],
    define: { global: 'globalThis', __DEV__: 'false', 'process.env.NODE_ENV': '"production"' },
    plugins: [metro(profile)],
    logLevel: 'silent',
  })
  const { text } = outputFiles[0]!
  if (profile === 'hermes-stable') return text
  // The older engines have no block scope, which esbuild's output needs.
  const { code } = await load().transformAsync(text, {
    ...alone,
    plugins: [require.resolve('@babel/plugin-transform-block-scoping')],
  })
  return code
}
