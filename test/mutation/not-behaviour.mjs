import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin'

// Which arguments of a call are text for a reader. The error code beside them is mutated.
const proseIn = new Map([
  ['ConnectionError', [1]],
  ['TypeError', [0]],
  ['RangeError', [0]],
  ['refuse', [2]],
  ['makeError', [1, 2]],
  ['explain', [0, 1, 2]],
  ['fail', [1]],
  ['mustAccept', [0]],
  ['over', [0]],
])
const prose = 'prose for a reader: no code branches on it, and tests ask for the code of an error, not for its words'
const typesOnly = 'an example that only the compiler reads'

const keyOf = (property) => property?.type === 'ObjectProperty' && property.key.name

/** What no test needs to assert: error messages, and code that exists for its type. */
export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, 'not-behaviour', {
    shouldIgnore({ node, key, listKey, parent }) {
      if (key === 'value' && keyOf(parent) === 'types') return typesOnly
      if (key === 'init' && ['message', 'remedy'].includes(parent.id?.name)) return prose
      if (listKey !== 'arguments') return undefined
      const { callee, arguments: given } = parent
      const name = callee.name ?? callee.property?.name
      return proseIn.get(name)?.includes(given.indexOf(node)) ? prose : undefined
    },
  }),
]
