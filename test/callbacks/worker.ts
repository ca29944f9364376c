// Run by workerd: lives through every bite of every function, and answers with what it survived.
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
        // It tells of a rejection when the turn of its loop is over.
        await new Promise((resolve) => setTimeout(resolve, 0))
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
    return Response.json({ lives, unhandled })
  },
}
