import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConnectionError } from '../../../src/core/errors.js'
import { checkCloseArguments, describeCloseCode } from '../../../src/core/policies/close-codes.js'

describe('describeCloseCode', () => {
  it.each([
    [1000, 'Normal Closure', true, true, 'retry'],
    [1001, 'Going Away', true, false, 'retry'],
    [1002, 'Protocol Error', true, false, 'stop'],
    [1003, 'Unsupported Data', true, false, 'stop'],
    [1004, 'Reserved', false, false, 'retry'],
    [1005, 'No Status Received', false, false, 'retry'],
    [1006, 'Abnormal Closure', false, false, 'retry'],
    [1007, 'Invalid Frame Payload Data', true, false, 'stop'],
    [1008, 'Policy Violation', true, false, 'rapid'],
    [1009, 'Message Too Big', true, false, 'stop'],
    [1010, 'Mandatory Extension', true, false, 'stop'],
    [1011, 'Internal Error', true, false, 'retry'],
    [1012, 'Service Restart', true, false, 'retry'],
    [1013, 'Try Again Later', true, false, 'slow'],
    [1014, 'Bad Gateway', true, false, 'retry'],
    [1015, 'TLS Handshake', false, false, 'retry'],
    [1016, 'Reserved for the Protocol', false, false, 'retry'],
    [2999, 'Reserved for the Protocol', false, false, 'retry'],
    [3000, 'Unauthorized', true, true, 'retry'],
    [3001, 'Library or Framework', true, true, 'retry'],
    [3003, 'Forbidden', true, true, 'retry'],
    [3008, 'Timeout', true, true, 'retry'],
    [3999, 'Library or Framework', true, true, 'retry'],
    [4000, 'Private Use', true, true, 'retry'],
    [4999, 'Private Use', true, true, 'retry'],
    [0, 'Not a Close Code', false, false, 'retry'],
    [999, 'Not a Close Code', false, false, 'retry'],
    [5000, 'Not a Close Code', false, false, 'retry'],
    [-1, 'Not a Close Code', false, false, 'retry'],
    [1000.5, 'Not a Close Code', false, false, 'retry'],
    [NaN, 'Not a Close Code', false, false, 'retry'],
    [Infinity, 'Not a Close Code', false, false, 'retry'],
  ])('%d is %s', (code, name, sendable, closable, retry) => {
    expect(describeCloseCode(code)).toEqual({ code, name, sendable, closable, retry })
  })

  it('describes any number, and close() accepts only valid ones', () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer({ min: -10, max: 70_000 }), fc.double()), (code) => {
        const { name, sendable, closable } = describeCloseCode(code)
        expect(name).not.toBe('')
        expect(closable && !sendable).toBe(false)
      }),
    )
  })
})

function refusal(code: unknown, reason?: unknown): ConnectionError {
  try {
    checkCloseArguments(code, reason)
  } catch (error) {
    if (error instanceof ConnectionError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('checkCloseArguments', () => {
  it('accepts 1000 and 3000 to 4999, and no other number', () => {
    for (let code = -1; code <= 5_001; code++) {
      if (code === 1000 || (code >= 3000 && code <= 4999)) checkCloseArguments(code, 'bye')
      else expect(refusal(code).code).toBe('ERR_CLOSE_ARGUMENT')
    }
  })

  it('accepts no arguments, a code alone, and a reason alone', () => {
    checkCloseArguments(undefined, undefined)
    checkCloseArguments(4000, undefined)
    checkCloseArguments(undefined, 'bye')
    checkCloseArguments(undefined, '')
  })

  it.each([[NaN], [Infinity], [3000.5], ['1000'], [null], [{}], [1000n]])('rejects %o as a code', (code) => {
    expect(refusal(code)).toMatchObject({ code: 'ERR_CLOSE_ARGUMENT' })
  })

  it('states the problem, the value and the fix', () => {
    expect(refusal(1001).message).toBe('close code (1001) must be 1000, or 3000 to 4999')
    expect(refusal(1000, 'x'.repeat(124)).message).toBe('close reason (124 bytes) must be at most 123 bytes of UTF-8')
    expect(refusal(1000, 5).message).toBe('close reason (number) must be a string')
  })

  it.each([
    ['ASCII', 'x', 1],
    ['two bytes', 'é', 2],
    ['three bytes', '€', 3],
    ['four bytes', '🙂', 4],
    ['a lone surrogate, which is sent as U+FFFD', '\ud800', 3],
  ])('counts bytes, not characters: %s', (_, character, size) => {
    const most = Math.floor(123 / size)
    const filled = character.repeat(most) + 'x'.repeat(123 - most * size)
    checkCloseArguments(1000, filled)
    expect(refusal(1000, `${filled}x`).message).toContain('(124 bytes)')
  })

  it('counts the bytes that the platform would send, for any text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('x', 'é', '€', '🙂', '\ud800', '\udc00'), { maxLength: 130, size: 'max' }),
        (characters) => {
          const reason = characters.join('')
          const fits = Buffer.byteLength(reason) <= 123
          if (fits) checkCloseArguments(1000, reason)
          else expect(refusal(1000, reason).code).toBe('ERR_CLOSE_ARGUMENT')
        },
      ),
    )
  })

  it('never reveals the reason, which may contain a secret', () => {
    expect(refusal(1000, 'token'.repeat(50)).message).not.toContain('token')
    expect(refusal('token').message).toBe('close code (string) must be 1000, or 3000 to 4999')
  })
})
