interface ImportMetaEnv {
  /** Where the examples connect to. The dev command fills it in with its own echo server. */
  readonly VITE_SERVER: string
}
