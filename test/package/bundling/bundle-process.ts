// Runs one bundler, as its manual describes, over any number of apps.
import { join } from 'node:path'
import { readFile } from 'node:fs/promises'
import { nodeResolve } from '@rollup/plugin-node-resolve'
import { build as buildByEsbuild, transform } from 'esbuild'
import { rollup } from 'rollup'
import { build as buildByVite } from 'vite'
import webpack, { type Configuration } from 'webpack'
import type { Bundler, Order, Reply, Texts } from './orders.js'

/** Node's modules too, so a browser bundle shows whether it contains them. */
const staysOutside =
  (external: readonly string[] = []) =>
  (name: string): boolean =>
    name.startsWith('node:') || external.includes(name)

async function each(files: Texts, one: (file: string) => Promise<string>): Promise<Texts> {
  const bundles: [string, string][] = []
  for (const [name, file] of Object.entries(files)) bundles.push([name, await one(file)])
  return Object.fromEntries(bundles)
}

const bundleBy: Readonly<Record<Bundler, (order: Order) => Promise<Texts>>> = {
  esbuild: ({ files, mode, platform, external = [] }) =>
    each(files, async (file) => {
      const { outputFiles } = await buildByEsbuild({
        entryPoints: [file],
        bundle: true,
        format: 'esm',
        platform,
        write: false,
        external: ['node:*', ...external],
        logLevel: 'error',
        // It has no modes: a development build names the condition.
        ...(mode === 'production' ? { minify: true } : { conditions: ['development'] }),
      })
      return outputFiles[0]!.text
    }),

  Vite: ({ files, mode, platform, folder, external }) =>
    each(files, async (file) => {
      const built = await buildByVite({
        root: folder,
        configFile: false,
        logLevel: 'error',
        mode,
        ssr: { noExternal: true },
        build: {
          write: false,
          ssr: platform === 'node',
          rolldownOptions: { input: file, external: staysOutside(external) },
        },
      })
      if (!('output' in built)) throw new TypeError('one app has one bundle')
      return built.output[0].code
    }),

  webpack: async ({ files, mode, platform, folder, external }) => {
    const outside = staysOutside(external)
    const configuration: Configuration = {
      mode,
      context: folder,
      entry: Object.fromEntries(Object.values(files).map((file, at) => [`out-${at}`, file])),
      output: { path: folder, filename: '[name].js' },
      target: platform === 'node' ? 'node20' : 'web',
      externals: [
        ({ request }, answer) => (outside(request) ? answer(undefined, `node-commonjs ${request}`) : answer()),
      ],
      // The development default puts each module into a string.
      devtool: false,
    }
    await new Promise<void>((resolve, reject) => {
      webpack(configuration, (error, stats) => {
        if (error !== null) reject(error)
        else if (stats!.hasErrors()) reject(new Error(stats!.toString('errors-only')))
        else resolve()
      })
    })
    const names = Object.keys(files)
    const texts = await Promise.all(names.map((_, at) => readFile(join(folder, `out-${at}.js`), 'utf8')))
    return Object.fromEntries(names.map((name, at) => [name, texts[at]!]))
  },

  Rollup: ({ files, mode, platform, external }) =>
    each(files, async (file) => {
      const built = await rollup({
        input: file,
        external: staysOutside(external),
        plugins: [nodeResolve({ browser: platform === 'browser' })],
        onwarn: ({ code, message }) => {
          if (code !== 'EMPTY_BUNDLE') throw new Error(message)
        },
      })
      const { output } = await built.generate({ format: 'es' })
      const { code } = output[0]
      // It does not minify by itself.
      return mode === 'production' ? (await transform(code, { minify: true })).code : code
    }),
}

process.on('message', (order: Order) => {
  bundleBy[order.bundler](order).then(
    (bundles) => process.send!({ bundles } satisfies Reply),
    (error: unknown) => process.send!({ failure: String(error) } satisfies Reply),
  )
})
