interface ImportMetaEnv {
  /** The server's URL. The dev command sets it to its own echo server. */
  readonly VITE_SERVER: string
}
