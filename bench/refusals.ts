// Measures the cost of rejecting a message, compared with accepting one: npm run bench:refusals
import { costs, kinds } from './refusals/measure.js'

const rounds = 15
const runs = await costs(rounds)
console.log(
  `CPU per message of 100 characters without a socket, median of ${rounds} rounds of 10,000, Node ${process.versions.node}\n`,
)
console.log('| way                          | accepted | over the limit   | ratio |')
console.log('| ---------------------------- | -------: | ---------------: | ----: |')
for (const kind of kinds) {
  const { accepted, refused } = runs[kind]
  const cells = [kind.padEnd(28), `${accepted.toFixed(2)} µs`.padStart(8), `${refused.toFixed(2)} µs`.padStart(16)]
  console.log(`| ${cells.join(' | ')} | ${(refused / accepted).toFixed(1).padStart(5)} |`)
}
