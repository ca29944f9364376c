/** Where things are, for the scripts of the documentation. */
export const root = new URL('../../', import.meta.url)
export const docs = new URL('docs/', root)
