import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'

/** The root of the repository, and the folder of the documentation. */
export const root = new URL('../../', import.meta.url)
export const docs = new URL('docs/', root)

// Generates the site's pages that are not in docs/: from elsewhere in the repository, and from parts of the README.

const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')

/** Returns a section of a page without its heading. */
export function section(text: string, heading: string): string {
  const start = text.indexOf(`\n## ${heading}\n`)
  if (start === -1) throw new Error(`there is no section "${heading}"`)
  const body = text.slice(start).replace(/^\n## .*\n/, '')
  const end = body.search(/^#{1,2} /m)
  return (end === -1 ? body : body.slice(0, end)).trim() + '\n'
}

/** The tables of the chart, with the picture but without Mermaid, which the site can't draw. */
function chartTables(): string {
  return read('machines/connection.md')
    .replace('(connection.svg)', '(../../machines/connection.svg)')
    .replace(/^And once more.*?^```\n(?=\n)/ms, '')
}

function reference(): string {
  // Only the table, without the text after it.
  const [table = ''] = section(read('README.md'), 'Imports').split('\n\n')
  const entries = table.replaceAll(/^\| `(statewire(?:\/\w+)*)`/gm, (_, name: string) => {
    const page = [`${name}.md`, `${name}/index.md`].find((each) => existsSync(new URL(`reference/${each}`, docs)))
    if (page === undefined) throw new Error(`there is no reference for ${name}`)
    return `| [\`${name}\`](./${page})`
  })
  return `# Imports

What each import contains. Its page is generated from the comments in the code.

${entries}

[The chart in tables](./chart.md) lists what each state does on each event.
`
}

/** The folders of examples/ in order, and their titles. */
const examples = {
  vanilla: 'No framework',
  react: 'React',
  vue: 'Vue',
  svelte: 'Svelte',
  solid: 'Solid',
  angular: 'Angular',
  rxjs: 'RxJS',
  worker: 'Worker',
  'shared-worker': 'SharedWorker',
  extension: 'Browser extension',
  node: 'Node service',
}

/** Files that every example has in addition to its own code. */
const frame = /\.(?:d\.ts|md)$|^(?:index\.html|main\.\w+|vite\.config\.ts|tsconfig\.json)$/

function exampleCode(folder: string): string {
  const files = readdirSync(new URL(`examples/${folder}/`, root), { withFileTypes: true })
    .filter((entry) => entry.isFile() && !frame.test(entry.name))
    .map(({ name }) => name)
  if (files.length === 0) throw new Error(`examples/${folder} has no code`)
  return files
    .map((file) => {
      const language = file.replace(/^.*\./, '')
      return `\`${folder}/${file}\`\n\n\`\`\`${language}\n${read(`examples/${folder}/${file}`)}\`\`\``
    })
    .join('\n\n')
}

function examplePage(): string {
  const parts = Object.entries(examples).map(
    ([folder, name]) =>
      `## ${name} {#${folder}}\n\n\`npm run ${folder} --prefix examples\`\n\n${exampleCode(folder)}\n`,
  )
  const servers = [
    [
      'servers',
      'Servers',
      'Servers for [sessions](../delivery.md) beside Node’s own, Express, Fastify and Hono.',
      'npm run http --prefix examples',
    ],
    [
      'exactly-once',
      'Exactly once',
      'Books payments in Postgres exactly once. Its server may be killed.',
      'npm run exactly-once --prefix examples',
    ],
    [
      'python-server',
      'A server in Python',
      'A server for sessions, written from [the wire protocol](../protocol.md).',
      '/usr/bin/python3 examples/python-server/server.py',
    ],
  ].map(
    ([folder = '', title, text, command]) =>
      `## ${title} {#${folder}}\n\n${text}\n\n\`${command}\`\n\n${exampleCode(folder)}\n`,
  )
  return `# Examples\n\nThe same small app in each framework, and a service: the state in words, an input to send a message, the last five messages. Tests build each
app, open it in Chromium, and break its link. Run \`npm ci --prefix examples --ignore-scripts\` first. All share this:\n\n${exampleCode('shared')}\n\n${[...parts, ...servers].join('\n')}`
}

/** The pages, by path in docs/. */
function pages(): Record<string, string> {
  const front = (more = ''): string => `---\neditLink: false\n${more}---\n\n`
  return {
    'reference/index.md': front() + reference(),
    'reference/chart.md': front() + chartTables(),
    'project/examples.md': front() + examplePage(),
    'project/contributing.md': front() + read('CONTRIBUTING.md'),
    'project/changes.md': front() + read('CHANGELOG.md'),
    '.vitepress/generated/limits.md': section(read('README.md'), 'Limitations'),
    '.vitepress/generated/what-it-does.md': section(read('README.md'), 'What it does').replace(/\n\n.*/s, '\n'),
  }
}

export function writeGenerated(): void {
  // The viewer is self-contained and copied unchanged.
  copyFileSync(new URL('dist/viewer/viewer.html', root), new URL('public/viewer.html', docs))
  for (const [path, text] of Object.entries(pages())) {
    const file = new URL(path, docs)
    mkdirSync(new URL('.', file), { recursive: true })
    writeFileSync(file, text)
  }
}
