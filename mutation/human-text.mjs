import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin'

// Which argument of a call is prose for a reader. The code of an error stands beside it and is mutated.
const proseIn = { ConnectionError: 1, TypeError: 0, RangeError: 0, refuse: 2 }
const reason = 'prose for a reader: no code branches on it, and tests ask for the code of an error, not for its words'

/** What no test is to pin down: descriptions in the chart, and the messages of errors. */
export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, 'human-text', {
    shouldIgnore({ node, key, listKey, parent }) {
      if (parent?.type === 'ObjectProperty' && key === 'value' && parent.key.name === 'description') return reason
      if (parent?.type === 'VariableDeclarator' && key === 'init' && parent.id.name === 'message') return reason
      const called =
        parent?.type === 'NewExpression' || parent?.type === 'CallExpression' ? parent.callee.name : undefined
      const at = listKey === 'arguments' ? parent.arguments.indexOf(node) : -1
      return called !== undefined && at >= 0 && proseIn[called] === at ? reason : undefined
    },
  }),
]
