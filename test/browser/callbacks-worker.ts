import { bites, live } from '../callbacks/seams.js'

await live('on message', bites.throws)
await live('socket onmessage', bites.rejects)
await new Promise((resolve) => setTimeout(resolve, 20))
postMessage('done')
