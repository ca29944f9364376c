import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { arrows, isWritten } from '../../machines/picture/arrows.js'
import { faultsOf } from '../../machines/picture/geometry.js'
import { allNodes, eventTypes, ownBranches, root } from '../../machines/picture/model.js'
import { pictureFaults, renderPicture } from '../../machines/picture/picture.js'

const picture = renderPicture({ style: true })

test('machines/connection.svg matches the chart', () => {
  const file = readFileSync(new URL('../../machines/connection.svg', import.meta.url), 'utf8')
  expect(file === picture, 'machines/connection.svg is stale: run `npm run chart` and commit what it writes').toBe(true)
})

test('the picture has no clipped or overlapping elements', () => {
  expect(pictureFaults()).toEqual([])
})

test('the picture shows every state once', () => {
  const paths = allNodes.filter((node) => node !== root).map((node) => node.path.join('.'))
  const shown = [...picture.matchAll(/data-state="([^"]*)"/g)].map(([, path = '']) => path)
  expect(shown.toSorted()).toEqual(paths.toSorted())
})

test('the picture shows every transition with an effect', () => {
  const shown = [...picture.matchAll(/data-source="([^"]*)" data-target="([^"]*)" data-events="([^"]*)"/g)].flatMap(
    ([, source, target, events]) => events!.split(' ').map((event) => `${source} > ${target}: ${event}`),
  )
  const all = allNodes.flatMap((node) =>
    [...node.transitions.keys()].flatMap((event) =>
      ownBranches(node, event).flatMap(({ target }) =>
        target === undefined ? [] : [`${node.path.join('.')} > ${target.path.join('.')}: ${event}`],
      ),
    ),
  )
  expect(all.length).toBeGreaterThan(50)
  expect(new Set(shown)).toEqual(new Set(all))
  expect(new Set(arrows.flatMap(({ events }) => events).filter((event) => !event.startsWith('xstate.')))).toEqual(
    // Received, without a transition.
    new Set(eventTypes.filter((event) => !['environment.hidden', 'environment.freeze'].includes(event))),
  )
  expect(arrows.some(isWritten)).toBe(true)
})

test('the picture is self-contained: no script, no font, no link', () => {
  expect(picture).not.toMatch(/<script|url\(|href|@import|@font-face|\bon\w+=/)
  expect(picture).toContain('prefers-color-scheme: dark')
  expect(renderPicture({ style: false })).not.toContain('style')
})

const whole = { x: 0, y: 0, w: 400, h: 200 }
const box = (name: string, x: number, y: number, w: number, h: number, parent?: string, leaf = true) => ({
  name,
  x,
  y,
  w,
  h,
  parent,
  leaf,
})
const outer = box('outer', 10, 10, 200, 180, undefined, false)
const inner = box('inner', 20, 20, 60, 30, 'outer')
const label = (name: string, x: number, y: number, line = 'a') => ({ name, x, y, w: 50, h: 10, line })
const line = (name: string, ...points: [number, number][]) => ({ name, points, crosses: new Set<string>() })

test.each<[string, Partial<Parameters<typeof faultsOf>[0]>]>([
  ['a state outside its parent', { boxes: [outer, box('inner', 180, 20, 60, 30, 'outer')] }],
  ['two overlapping states', { boxes: [outer, inner, box('other', 70, 40, 60, 30, 'outer')] }],
  ['a clipped label', { labels: [label('cut', 380, 20)] }],
  ['two overlapping labels', { labels: [label('one', 250, 20), label('two', 280, 25)] }],
  ['a label over a border', { labels: [label('over', 190, 100)] }],
  ['the label of a line inside a state', { labels: [label('in', 22, 22)] }],
  ['a label crossed by a line', { labels: [label('struck', 250, 95)], lines: [line('a', [240, 100], [320, 100])] }],
  ['a line through a state', { lines: [line('a', [15, 35], [120, 35])] }],
  ['a line leaving an unrelated state', { lines: [line('a', [120, 100], [300, 100])] }],
  ['two lines that meet', { lines: [line('a', [250, 20], [250, 90]), line('b', [240, 50], [300, 50])] }],
])('the checker rejects %s', (_, faulty) => {
  expect(faultsOf({ whole, boxes: [outer, inner], labels: [], lines: [], ...faulty })).toHaveLength(1)
})
