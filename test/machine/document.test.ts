import { stateDescriptions } from '../../machines/index.js'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { renderChartDocument } from '../../scripts/chart/document.js'
import { allNodes, configurations, eventTypes } from '../../machines/picture/model.js'
import { fillStory, renderState, statesTold } from '../../scripts/chart/story.js'
import { columns, explore, stateName } from './model.js'

const document = renderChartDocument()

test('machines/connection.md matches the chart', () => {
  const file = readFileSync(new URL('../../machines/connection.md', import.meta.url), 'utf8')
  expect(file === document, 'machines/connection.md is stale: run `npm run chart` and commit what it writes').toBe(true)
})

test("docs/chart.md states the chart's transitions for each state and omits no state it can be in", () => {
  const page = readFileSync(new URL('../../docs/chart.md', import.meta.url), 'utf8')
  expect(fillStory(page) === page, 'docs/chart.md is stale: run `npm run chart` and commit what it writes').toBe(true)
  const leaves = configurations.flatMap((each) => each.leaves.map((node) => node.path.join('.')))
  expect(new Set(leaves)).toEqual(new Set(statesTold(page).filter((path) => leaves.includes(path))))
  expect(fillStory(page.replace('→ `closed.deciding`', '→ `closed.idle`'))).toBe(page)
  expect(() => renderState('closed.asleep')).toThrow('no state of the chart')
})

test("the document's rows are exactly the reachable states", () => {
  const reached = [...explore().places.values()].map(({ snapshot }) => stateName(snapshot))
  expect(configurations.map(({ name }) => name).toSorted()).toEqual([...new Set(reached)].toSorted())
})

test("the document's columns are exactly the existing events", () => {
  expect(eventTypes.toSorted()).toEqual(columns.filter((column) => !column.startsWith('after ')).toSorted())
})

test('every described state exists in the chart', () => {
  const paths = allNodes.map((node) => node.path.join('.'))
  expect(Object.keys(stateDescriptions).filter((path) => !paths.includes(path))).toEqual([])
  expect(Object.keys(stateDescriptions).length).toBeGreaterThan(10)
})

test('every table is rectangular and has no empty cell', () => {
  const tables = document.split('\n\n').filter((block) => block.startsWith('| '))
  expect(tables.length).toBeGreaterThan(0)
  for (const table of tables) {
    const rows = table.trimEnd().split('\n')
    const cells = rows.map((row) => row.split(/(?<!\\)\|/).slice(1, -1))
    expect(rows.length).toBeGreaterThan(2)
    expect(new Set(cells.map((row) => row.length)).size, table.split('\n')[0]).toBe(1)
    expect(cells.flat().filter((text) => ['', '``', '****'].includes(text.trim()))).toEqual([])
  }
})
