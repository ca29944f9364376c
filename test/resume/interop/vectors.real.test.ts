import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ending } from '../../support/processes.js'

const python = '/usr/bin/python3'
const root = join(import.meta.dirname, '../../..')
const isHere = existsSync(python)
if (!isHere && process.env['CI']) throw new Error(`there is no ${python}`)

/** Reads the vectors that a client may send, and prints each that is read otherwise than it should be. */
const program = `
import json, sys
sys.path.insert(0, sys.argv[1])
from wire import Invalid, base36, read, read_hello, varint
vectors = json.load(sys.stdin)
letters = {"data": "d", "ack": "a", "ping": "p", "bye": "b"}
frame = lambda each: bytes.fromhex(each["hex"]) if "hex" in each else each["text"]
checked = 0
def attempt(reader, given):
    global checked
    checked += 1
    try:
        return reader(given)
    except Invalid:
        return None
for each in vectors["valid"]:
    payload = bytes.fromhex(each["payloadHex"]) if "payloadHex" in each else each.get("payload")
    expected = (letters[each["kind"]], each["number"], payload) if each["kind"] in letters else None
    found = attempt(read, frame(each))
    if found != expected:
        print(each, found)
    if each["kind"] == "data":
        written = "d" + base36(each["number"]) + ":" if "text" in each else b"d" + varint(each["number"])
        if written + payload != frame(each):
            print(each, written)
for each in vectors["invalid"]:
    if attempt(read, frame(each)) is not None:
        print(each)
for kind, bodies in vectors["hello"].items():
    for body in bodies:
        if (attempt(read_hello, "h" + body) is not None) != (kind == "valid"):
            print(kind, body)
print(checked)
`

it.skipIf(!isHere)(
  `the server in Python reads the test vectors${isHere ? '' : ` [SKIPPED: there is no ${python}]`}`,
  async () => {
    const vectors = readFileSync(join(root, 'test/resume/vectors.json'), 'utf8')
    const { valid, invalid, hello } = JSON.parse(vectors) as Record<'valid' | 'invalid', unknown[]> & {
      hello: Record<string, unknown[]>
    }
    const count = valid.length + invalid.length + Object.values(hello).flat().length
    const folder = join(root, 'examples/python-server')
    const { code, stdout, stderr } = await ending(python, ['-B', '-c', program, folder], { input: vectors })
    expect([stdout.trim().split('\n'), stderr, code]).toEqual([[String(count)], '', 0])
  },
)
