/** What a run is told: it stands in the global scope before the bundle is. */
export interface Run {
  readonly engine: string
  /** The conformance server. */
  readonly conformance: { readonly url: string; readonly refused: string }
  /** A fault server that does what the path says to every first of two requests; any other path echoes. */
  readonly faults: string
  /** Where the report is to be posted. */
  readonly report: string
  /** Where each verdict is to be posted as it comes. */
  readonly progress: string
  readonly retry: number
  /** Only tests whose title fits. */
  readonly only: string | undefined
}

export interface Verdict {
  readonly title: string
  readonly state: 'passed' | 'failed' | 'skipped'
  readonly error: string | undefined
}

/** One test is over. */
export interface Progress {
  readonly title: string
  /** Milliseconds, with its repetitions. */
  readonly took: number
}

export interface Report {
  readonly verdicts: readonly Verdict[]
}
