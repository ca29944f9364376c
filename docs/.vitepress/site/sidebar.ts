import { readdirSync, readFileSync } from 'node:fs'
import type { DefaultTheme } from 'vitepress'

const page = (text: string, link: string): DefaultTheme.SidebarItem => ({ text, link })

function decisions(): DefaultTheme.SidebarItem[] {
  const folder = new URL('../../decisions/', import.meta.url)
  return readdirSync(folder)
    .filter((file) => /^\d/.test(file))
    .toSorted()
    .map((file) => {
      const [, title = file] = /^# (.*)$/m.exec(readFileSync(new URL(file, folder), 'utf8')) ?? []
      return page(title, `/decisions/${file.replace(/\.md$/, '')}`)
    })
}

export const sidebar: DefaultTheme.SidebarItem[] = [
  { text: 'Start', items: [page('What it is', '/'), page('Ten minutes', '/start'), page('Break one here', '/live')] },
  {
    text: 'Understand',
    items: [
      page('The chart, state by state', '/chart'),
      page('What can go wrong', '/failures'),
      page('How it is built', '/ARCHITECTURE'),
      page('Glossary', '/glossary'),
    ],
  },
  {
    text: 'Guides',
    items: [
      page('Heartbeats for your server', '/heartbeats'),
      page('Authentication', '/authentication'),
      page('Offline apps', '/offline'),
      page('Backpressure', '/backpressure'),
      page('The fate of a message', '/fates'),
      page('Frameworks', '/frameworks'),
      page('Examples', '/project/examples'),
      page('Node services', '/node'),
      page('Many connections', '/many-connections'),
      page('A smaller bundle', '/core'),
      page('Testing your app', '/testing'),
      page('The chart by hand', '/machine'),
      page('Inspecting', '/inspecting'),
      page('The command line', '/command-line'),
      page('A drop-in WebSocket', '/websocket'),
      page('Coming from another library', '/migrating'),
    ],
  },
  {
    text: 'Reference',
    items: [
      page('Errors and close codes', '/errors'),
      page('Entries', '/reference/'),
      page('statewire', '/reference/statewire'),
      page('statewire/core', '/reference/statewire/core'),
      page('statewire/ws', '/reference/statewire/ws'),
      page('statewire/websocket', '/reference/statewire/websocket'),
      page('statewire/xstate', '/reference/statewire/xstate'),
      page('statewire/inspect', '/reference/statewire/inspect'),
      page('statewire/inspect/relay', '/reference/statewire/inspect/relay'),
      page('statewire/testing', '/reference/statewire/testing/'),
      page('faults', '/reference/statewire/testing/namespaces/faults'),
      page('The chart in tables', '/reference/chart'),
    ],
  },
  {
    text: 'Project',
    items: [
      page('Performance', '/performance'),
      page('The storm', '/storm'),
      page('Runtimes', '/runtimes'),
      page('Mutation testing', '/mutation'),
      { text: 'Decisions', link: '/decisions/', collapsed: true, items: decisions() },
      page('Contributing', '/project/contributing'),
      page('Changes', '/project/changes'),
    ],
  },
]
