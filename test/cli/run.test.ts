/** Commands whose results cannot be written. */
import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync, statSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { load } from '../../src/weights.ts'
import { bin, PATH } from '../support/command.ts'
import { newFolder } from '../support/folder.ts'
import { withFileLimit } from '../support/small-disk.ts'

const cwd = newFolder()

/** Runs a command with stdout in a file. */
function into(file: string, before: string[], name: string, ...args: string[]) {
  const stdout = openSync(file, 'w')
  const [command, ...words] = [...before, process.execPath, bin(name), ...args]
  const { status, stderr } = spawnSync(command, words, {
    cwd,
    env: { PATH },
    stdio: ['ignore', stdout, 'pipe'],
    encoding: 'utf8',
  })
  closeSync(stdout)
  return { code: status, lines: stderr.trimEnd().split('\n') }
}

describe.skipIf(!existsSync('/dev/full'))('if the disk is full, a command says so once and ends with 74', () => {
  const full = 'cannot write to stdout: no space left on the disk'
  const training = ['--data', 'generated', '--take', '60', '--dev', '10', '--iters', '20', '--log-every', '1']
  beforeAll(() => {
    expect(into('/dev/null', [], 'mnist-train', ...training, '--out', 'w.json').code).toBe(0)
  })

  test('mnist-train, which saves its weights', async () => {
    const { code, lines } = into('/dev/full', [], 'mnist-train', ...training, '--out', 'new.json')
    expect([code, lines.filter((line) => line.includes('stdout'))]).toEqual([74, [`mnist-train: ${full}`]])
    expect((await load(`${cwd}/new.json`)).result.iterations).toBe(20)
  })

  test.each([
    'mnist-predict --weights w.json --data generated --index 3',
    'mnist-predict --weights w.json --data generated --all --csv',
    'mnist-evaluate w.json --data generated --json',
    'mnist-evaluate w.json --data generated --require-accuracy 1 --quiet',
    'mnist-runs .',
    'mnist-train --version',
  ])('%s', (command) => {
    const [name, ...args] = command.split(' ')
    const { code, lines } = into('/dev/full', [], name, ...args)
    expect([code, lines.filter((line) => line.includes('stdout'))]).toEqual([74, [`${name}: ${full}`]])
  })

  test('if the file may not grow, nothing more is written', () => {
    const blocks = 16
    const args = ['--weights', 'w.json', '--data', 'generated', '--all', '--csv', '--quiet']
    const before = ['sh', '-c', 'trap \'\' XFSZ; exec "$@"', 'sh', ...withFileLimit(blocks)]
    const { code, lines } = into(`${cwd}/p.csv`, before, 'mnist-predict', ...args)
    expect([code, lines]).toEqual([
      74,
      ['mnist-predict: cannot write to stdout: the file would be larger than allowed'],
    ])
    expect(statSync(`${cwd}/p.csv`).size).toBe(512 * blocks)
  })
})
