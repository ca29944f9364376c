import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin'

// Which argument of a call is prose for a reader. The code of an error stands beside it and is mutated.
const proseIn = { ConnectionError: 1, TypeError: 0, RangeError: 0, refuse: 2 }
const prose = 'prose for a reader: no code branches on it, and tests ask for the code of an error, not for its words'
const typesOnly = 'an example that only the compiler reads'

const keyOf = (property) => property?.type === 'ObjectProperty' && property.key.name

/** What no test is to pin down: messages of errors, and what is there for its type. */
export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, 'not-behaviour', {
    shouldIgnore({ node, key, listKey, parent }) {
      if (key === 'value' && keyOf(parent) === 'types') return typesOnly
      if (key === 'init' && ['message', 'remedy'].includes(parent.id?.name)) return prose
      const call = parent?.type === 'NewExpression' || parent?.type === 'CallExpression'
      const at = call && listKey === 'arguments' ? parent.arguments.indexOf(node) : -1
      return at >= 0 && proseIn[parent.callee.name] === at ? prose : undefined
    },
  }),
]
