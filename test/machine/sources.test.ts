import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

// Reads the text of the chart; separate from the tests that run it, because a mutated text has extra imports.

const folder = new URL('../../machines/', import.meta.url)
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }))
const code = (text: string): string => text.replaceAll(/\/\*[\s\S]*?\*\//g, ' ').replaceAll(/^\s*\/\/.*$/gm, ' ')

test('the chart and its host import xstate and their own files, its logic and its table only their own files', () => {
  expect(files.length).toBeGreaterThan(0)
  const imports = files.flatMap(({ name, text }) =>
    [...code(text).matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)['"]([^'"]+)['"]/g)].map(
      ([, source]) => `${name}: ${source}`,
    ),
  )
  expect(imports.toSorted()).toEqual([
    'connection.logic.ts: ./connection.types.js',
    'connection.machine.ts: ./connection.logic.js',
    'connection.machine.ts: ./connection.types.js',
    'connection.machine.ts: xstate',
    'connection.table.ts: ./connection.logic.js',
    'connection.table.ts: ./table.types.js',
    'host.ts: ./connection.machine.js',
    'host.ts: ./connection.types.js',
    'host.ts: xstate',
    'index.ts: ./connection.descriptions.js',
    'index.ts: ./connection.machine.js',
    'index.ts: ./connection.types.js',
    'index.ts: ./host.js',
    'table.types.ts: ./connection.logic.js',
    'table.types.ts: ./connection.types.js',
  ])
})

test('the chart uses no timer, clock, random number, socket or console', () => {
  expect(files.length).toBeGreaterThan(0)
  const outside =
    /\b(setTimeout|setInterval|setImmediate|clearTimeout|clearInterval|queueMicrotask|requestAnimationFrame|Date|performance|Math|crypto|WebSocket|fetch|console|globalThis|window|document|navigator|process|Promise|async|await)\b/g
  const found = files.flatMap(({ name, text }) => [...code(text).matchAll(outside)].map(([word]) => `${name}: ${word}`))
  expect(found).toEqual([])
})
