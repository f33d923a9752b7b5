import { existsSync, rmSync } from 'node:fs'
import { beforeEach, describe, expect, test } from 'vitest'
import { SMALL, trainingFolder } from '../../support/training.ts'

const { at, train } = trainingFolder()
beforeEach(() => rmSync(at('weights.json'), { force: true }))

describe('mnist-train refuses', () => {
  const refusals: [string[], string][] = [
    [['--alpha', '0.1x'], '--alpha "0.1x": not a number above 0'],
    [['--alpha', ''], '--alpha "": not a number above 0'],
    [['--alpha', '0'], '--alpha "0": not a number above 0'],
    [['--alpha', '0x10'], '--alpha "0x10": not a number above 0'],
    [['--alpha', '1e400'], '--alpha "1e400": not a number above 0'],
    [['--alpha', 'NaN'], '--alpha "NaN": not a number above 0'],
    [['--momentum', '1'], '--momentum "1": not a number from 0 to below 1'],
    [['--target-accuracy', '1.1'], '--target-accuracy "1.1": not a number from 0 to 1'],
    [['--iters', '-3'], '--iters "-3": not an integer from 0 to 1000000000'],
    [['--iters', '1e400'], '--iters "1e400": not an integer from 0 to 1000000000'],
    [['--iters', '2.5'], '--iters "2.5": not an integer from 0 to 1000000000'],
    [['--iters', ''], '--iters "": not an integer from 0 to 1000000000'],
    [['--hidden', '0'], '--hidden "0": not an integer from 1 to 4096'],
    [['--seed', '4294967296'], '--seed "4294967296": not an integer from 0 to 4294967295'],
    [['--log-every', '0'], '--log-every "0": not an integer from 1 to 1000000000'],
    [['--alhpa', '1'], "unknown option '--alhpa' (did you mean --alpha?)"],
    [['--iters'], "option '-i, --iters <n>' argument missing"],
    [['--out', ''], '--out "": the name is empty'],
    [['--alpha', '1'.repeat(1e5) + 'x'], `--alpha "${'1'.repeat(24)}…": not a number above 0`],
    [['--iters', '1'.repeat(1e5)], `--iters "${'1'.repeat(24)}…": not an integer from 0 to 1000000000`],
    [['--out', 'a'.repeat(1e5)], `--out "${'a'.repeat(24)}…": the name is too long: 100,000 characters`],
    [['--data', 'a.csv', '–iters', '5'], '--data "–iters": begins with another dash than "-"; to name such a file: ./–iters'],
    [['--data', ''], '--data "": the name is empty'],
    [['--engine', 'gpu'], "option '--engine <name>' argument 'gpu' is invalid. Allowed choices are simd, reference."],
    [['--resume', 'a.json', '--print-config'], "option '--print-config' cannot be used with option '--resume <file>'"],
    [['--resume', 'a.json', '--init', 'b.json'], "option '--resume <file>' cannot be used with option '--init <file>'"],
    [['more.csv'], 'more.csv: unexpected argument; to train on it: --data more.csv'],
  ] // prettier-ignore
  test.each(refusals)('%j', async (args, sentence) => {
    const refused = await train(...SMALL, '--quiet', ...args)
    expect(refused).toEqual({ code: 64, stdout: '', stderr: `mnist-train: ${sentence}\n` })
    expect(existsSync(at('weights.json'))).toBe(false)
  })
})
