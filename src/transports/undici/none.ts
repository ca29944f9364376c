/** In a browser's bundle: no class there is undici's. */
export function watcherFor(_Class: unknown): undefined {}
