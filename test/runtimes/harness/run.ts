import { startTests, type File, type Task, type VitestRunner } from '@vitest/runner'
import type { Progress, Report, Run, Verdict } from './protocol.js'

/** The run's settings, given by the process that started it. */
export const run = (globalThis as unknown as { statewireRun: Run }).statewireRun

function verdicts(tasks: readonly Task[], path: readonly string[]): Verdict[] {
  return tasks.flatMap((task) => {
    const title = [...path, task.name]
    if (task.type === 'suite') {
      // A failed hook, or a suite that could not be loaded.
      const own = task.result?.state === 'fail' && task.tasks.every((each) => each.result?.state !== 'fail')
      return [...(own ? [verdict(task, title)] : []), ...verdicts(task.tasks, title)]
    }
    return [verdict(task, title)]
  })
}

function verdict({ result, mode }: Task, title: readonly string[]): Verdict {
  const state = mode === 'skip' ? 'skipped' : result?.state === 'pass' ? 'passed' : 'failed'
  const error = result?.errors?.[0]
  return { title: title.join(' › '), state, error: error && `${error.message}\n${error.stack ?? ''}`.slice(0, 1_000) }
}

function titleOf({ name, suite }: Task): string {
  return suite === undefined ? name : `${titleOf(suite)} › ${name}`
}

/** Not awaited, so reporting does not slow the test down. */
function tell(progress: Progress): void {
  fetch(run.progress, { method: 'POST', body: JSON.stringify(progress) }).catch(() => {})
}

/** Runs what `define` defines, one test after another, and returns the results. */
export async function runTests(define: () => void): Promise<Report> {
  const runner: VitestRunner = {
    config: {
      root: '/',
      setupFiles: [],
      name: undefined,
      passWithNoTests: false,
      testNamePattern: run.only === undefined ? undefined : new RegExp(run.only),
      allowOnly: false,
      sequence: { seed: 1, hooks: 'stack', setupFiles: 'list' },
      chaiConfig: undefined,
      maxConcurrency: 1,
      testTimeout: 30_000,
      hookTimeout: 30_000,
      retry: run.retry,
      includeTaskLocation: false,
      tags: [],
      tagsFilter: undefined,
      strictTags: false,
    },
    importFile: () => define(),
    onAfterRunTask: (test) => tell({ title: titleOf(test), took: test.result?.duration ?? 0 }),
  }
  const files: File[] = await startTests(['suite'], runner)
  const failed = files.flatMap((file) => file.result?.errors ?? [])
  const broken = failed.map(({ message }) => ({ title: 'the suite itself', state: 'failed', error: message }) as const)
  return { verdicts: [...broken, ...files.flatMap((file) => verdicts(file.tasks, []))] }
}

/** Runs and reports; errors are reported as well. */
export async function runAndReport(define: () => void): Promise<void> {
  let report: Report
  try {
    report = await runTests(define)
  } catch (error) {
    report = { verdicts: [{ title: 'the suite itself', state: 'failed', error: String(error) }] }
  }
  await fetch(run.report, { method: 'POST', body: JSON.stringify(report) })
}
