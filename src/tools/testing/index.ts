export * from './browser.js'
export * from './fault-server/index.js'
