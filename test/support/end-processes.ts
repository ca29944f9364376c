import { afterAll, afterEach, TestRunner } from 'vitest'
import { endProcesses, ownedBy } from './processes.js'

// Which of several tests at a time starts a process can't be told: theirs end with their file, as do those of `beforeAll`.
ownedBy(() => {
  const test = TestRunner.getCurrentTest()
  return test === undefined || test.concurrent === true ? undefined : test
})

afterEach(({ task }) => endProcesses(task))
afterAll(() => endProcesses())
