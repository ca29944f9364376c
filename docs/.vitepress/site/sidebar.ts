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
      return page(title.replaceAll('`', ''), `/decisions/${file.replace(/\.md$/, '')}`)
    })
}

const users: DefaultTheme.SidebarItem[] = [
  {
    text: 'Start',
    items: [
      page('Overview', '/'),
      page('Ten minutes', '/start'),
      page('Break a connection here', '/live'),
      page('Examples', '/project/examples'),
    ],
  },
  {
    text: 'Guides: the link',
    items: [
      page('Heartbeats for your server', '/heartbeats'),
      page('Authentication', '/authentication'),
      page('Subscribing again', '/subscriptions'),
      page('Showing the status', '/status'),
      page('Offline apps', '/offline'),
      page('Logging', '/logging'),
    ],
  },
  {
    text: 'Guides: messages',
    items: [
      page('JSON and validation', '/json'),
      page('Request and reply', '/requests'),
      page('Delivery', '/delivery'),
      page('The session server', '/server'),
      page('The fate of a message', '/fates'),
      page('Backpressure', '/backpressure'),
    ],
  },
  {
    text: 'Guides: frameworks',
    items: [
      page('React', '/react'),
      page('Vue', '/vue'),
      page('Svelte', '/svelte'),
      page('Solid', '/solid'),
      page('Angular', '/angular'),
      page('RxJS, workers, extensions', '/frameworks'),
    ],
  },
  {
    text: 'Guides: your app',
    items: [
      page('Testing with Jest and Vitest', '/testing'),
      page('Inspecting', '/inspecting'),
      page('Node services', '/node'),
      page('Many connections', '/many-connections'),
      page('A smaller bundle', '/core'),
      page('Migrating from another library', '/migrating'),
      page('A drop-in WebSocket', '/websocket'),
      page('The chart by hand', '/machine'),
    ],
  },
  {
    text: 'Reference',
    items: [
      page('Failures', '/failures'),
      page('Errors and close codes', '/errors'),
      page('The wire protocol of sessions', '/protocol'),
      page('The chart, state by state', '/chart'),
      page('The chart in tables', '/reference/chart'),
      page('The command line', '/command-line'),
      page('Runtimes', '/runtimes'),
      page('Performance', '/performance'),
      page('The storm', '/storm'),
      page('Glossary', '/glossary'),
      page('Changes', '/project/changes'),
    ],
  },
  {
    text: 'API',
    items: [
      page('Imports', '/reference/'),
      page('statewire', '/reference/statewire'),
      page('statewire/core', '/reference/statewire/core'),
      page('statewire/ws', '/reference/statewire/ws'),
      page('statewire/websocket', '/reference/statewire/websocket'),
      page('statewire/resume', '/reference/statewire/resume'),
      page('statewire/server', '/reference/statewire/server'),
      page('statewire/server/redis', '/reference/statewire/server/redis'),
      page('statewire/server/jetstream', '/reference/statewire/server/jetstream'),
      page('statewire/xstate', '/reference/statewire/xstate'),
      page('statewire/inspect', '/reference/statewire/inspect'),
      page('statewire/inspect/relay', '/reference/statewire/inspect/relay'),
      page('statewire/testing', '/reference/statewire/testing/'),
      page('faults', '/reference/statewire/testing/namespaces/faults'),
    ],
  },
]

const contributors: DefaultTheme.SidebarItem[] = [
  {
    text: 'Contributing',
    items: [
      page('How to contribute', '/project/contributing'),
      page('Architecture', '/ARCHITECTURE'),
      page('Mutation testing', '/mutation'),
    ],
  },
  { text: 'Decisions', items: [page('All decisions', '/decisions/'), ...decisions()] },
]

/** By the start of a page's path. VitePress takes the first that fits, so the pages for contributors come first. */
export const sidebar: DefaultTheme.SidebarMulti = {
  '/project/contributing': contributors,
  '/decisions/': contributors,
  '/ARCHITECTURE': contributors,
  '/mutation': contributors,
  '/': users,
}
