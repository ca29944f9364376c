/** For browser bundles, where no class is undici's. */
export function watcherFor(_Class: unknown): undefined {}
