import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { siteLink } from '../../docs/.vitepress/site/links.js'
import { root } from './pages.js'

describe('a repository link on the site', () => {
  const from = (page: string) => (href: string) => siteLink(href, join(root, page))

  it('leads to the page of the same file', () => {
    const link = from('docs/failures.md')
    expect(link('storm.md')).toBe('/storm')
    expect(link('migrating.md#websocket')).toBe('/migrating#websocket')
    expect(link('decisions/')).toBe('/decisions/')
    expect(link('../machines/connection.md#picture')).toBe('/reference/chart#picture')
    expect(link('../CONTRIBUTING.md')).toBe('/project/contributing')
    expect(link('../README.md#use-it')).toBe('/start')
    expect(link('../README.md#limitations')).toBe('/#limitations')
    expect(link('../examples/')).toBe('/project/examples')
    expect(link('../examples/react/')).toBe('/project/examples#react')
    expect(link('../examples/shared-worker/')).toBe('/project/examples#shared-worker')
    expect(from('docs/decisions/003-heartbeat-in-detail.md')('../failures.md')).toBe('/failures')
  })

  it('may point into a README section that the site shows elsewhere', () => {
    expect(from('docs/index.md')('docs/runtimes.md')).toBe('/runtimes')
  })

  it('is unchanged if it is external', () => {
    const link = from('docs/failures.md')
    expect(['https://example.com/a#b', '#delivery', '/start', 'mailto:a@example.com'].map(link)).toEqual([
      'https://example.com/a#b',
      '#delivery',
      '/start',
      'mailto:a@example.com',
    ])
  })

  it('fails the build if its target is missing from the repository or the site', () => {
    const link = from('docs/failures.md')
    expect(() => link('nowhere.md')).toThrow('docs/failures.md links to nowhere.md, which is not there')
    expect(() => link('../package.json')).toThrow('docs/failures.md links to ../package.json, which is not on the site')
  })
})
