/** A run's settings, in the global scope before the bundle runs. */
export interface Run {
  readonly engine: string
  /** The conformance server. */
  readonly conformance: { readonly url: string; readonly refused: string }
  /** A fault server that applies the path's fault to the first of every two requests; any other path echoes. */
  readonly faults: string
  /** A session server. See `startSessionServer`. */
  readonly sessions: string
  /** Where to post the report. */
  readonly report: string
  /** Where to post each result as it comes. */
  readonly progress: string
  readonly retry: number
  /** Only tests whose title matches. */
  readonly only: string | undefined
}

export interface Verdict {
  readonly title: string
  readonly state: 'passed' | 'failed' | 'skipped'
  readonly error: string | undefined
}

/** One finished test. */
export interface Progress {
  readonly title: string
  /** Milliseconds, including repetitions. */
  readonly took: number
}

export interface Report {
  readonly verdicts: readonly Verdict[]
}
