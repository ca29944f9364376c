export const bundlers = ['esbuild', 'Vite', 'webpack', 'Rollup'] as const
export type Bundler = (typeof bundlers)[number]

/** `production` is minified, and is the bundler's default. */
export const modes = ['development', 'production'] as const

export interface Choice {
  readonly mode: (typeof modes)[number]
  readonly platform: 'browser' | 'node'
  /** Packages that stay imports. */
  readonly external?: readonly string[]
}

/** By name: an app's source, its bundle, or a file that contains either. */
export type Texts = Readonly<Record<string, string>>

export interface Order extends Choice {
  readonly bundler: Bundler
  readonly folder: string
  readonly files: Texts
}

export type Reply = { readonly bundles: Texts } | { readonly failure: string }
