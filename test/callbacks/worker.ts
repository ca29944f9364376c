// Run by workerd: survives every fault of every function, and responds with what it survived.
import { bites, live, seams } from './seams.js'

const unhandled: string[] = []
let where = ''
addEventListener('unhandledrejection', (event) => unhandled.push(`${where}: ${String(event.reason)}`))
addEventListener('error', (event) => unhandled.push(String(event.error)))

export default {
  async fetch(): Promise<Response> {
    console.error = () => {}
    let lives = 0
    for (const seam of seams) {
      for (const [bite, work] of Object.entries(bites)) {
        where = `${seam}, ${bite}`
        const { reached } = await live(seam, work)
        if (reached > 0) lives++
        // workerd reports a rejection at the end of the loop turn.
        await new Promise((resolve) => setTimeout(resolve, 0))
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
    return Response.json({ lives, unhandled })
  },
}
