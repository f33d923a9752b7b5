/** Results on terminals of few columns. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { generate } from '../../src/digits/generate.ts'
import { csvOf } from '../support/csv.ts'
import { newFolder } from '../support/folder.ts'
import { runInProcess } from '../support/in-process.ts'
import { asTerminal } from '../support/terminal.ts'

const cwd = newFolder()
beforeAll(async () => {
  writeFileSync(join(cwd, 'digits.csv'), csvOf(generate(300, 6)))
  const train = ['--data', 'digits.csv', '--dev', '100', '--iters', '300', '--log-every', '10', '--quiet', '--out']
  await runInProcess('mnist-train', [...train, 'a.json'], { cwd })
  await runInProcess('mnist-train', [...train, 'alpha=0.4,hidden=3.json', '--alpha', '0.4', '--hidden', '3'], { cwd })
})

describe.each([40, 80])('on a terminal of %i columns, every line fits', (columns) => {
  test.each([
    ['mnist-runs'],
    ['mnist-runs', '--curve'],
    ['mnist-data', 'info', 'digits.csv'],
    ['mnist-data', 'info', 'digits.csv', '--no-color'],
    ['mnist-predict', '--weights', 'a.json', '--data', 'digits.csv', '--index', '3'],
    ['mnist-predict', '--weights', 'a.json', '--data', 'digits.csv', '--index', '3', '--no-color'],
    ['mnist-predict', '--weights', 'a.json', '--data', 'digits.csv', '--index', '3', '--explain'],
    ['mnist-predict', '--weights', 'a.json', '--data', 'digits.csv', '--index', '3', '--explain', '--no-color'],
    ['mnist-evaluate', 'a.json', '--data', 'digits.csv'],
    ['mnist-evaluate', 'a.json', '--data', 'digits.csv', '--no-color'],
    ['mnist-evaluate', 'a.json', 'alpha=0.4,hidden=3.json', '--data', 'digits.csv'],
  ])('%s %s %s', async (name, ...args) => {
    const restore = asTerminal('stdout', columns)
    const { code, stdout } = await runInProcess(name, args, { cwd }).finally(restore)
    expect(code).toBe(0)
    // oxlint-disable-next-line no-control-regex -- colours
    for (const line of stdout.replaceAll(/\u001b\[[\d;]*m/g, '').split('\n')) {
      if (!line.startsWith('sha256 ')) expect(line.length, line).toBeLessThanOrEqual(columns)
    }
  })
})

test('the runs are a table on a terminal that is wide enough, and elsewhere', async () => {
  const rows = async (columns?: number) => {
    const restore = columns === undefined ? () => {} : asTerminal('stdout', columns)
    return (await runInProcess('mnist-runs', [], { cwd }).finally(restore)).stdout.split('\n')
  }
  const all = await rows()
  expect(all).toHaveLength(4)
  expect(all[0]).toMatch(/ devAccuracy 0\.\d{4} to 0\.\d{4}$/)
  expect(await rows(200)).toEqual(all)
  const hasCurve = (line: string) => /[▁-█]/.test(line)
  expect([all.filter(hasCurve).length, (await rows(100)).filter(hasCurve).length]).toEqual([2, 0])
  const blocks = await rows(40)
  expect(blocks.filter((line) => /^name {11}\S/.test(line))).toHaveLength(2)
  expect(blocks.filter(hasCurve)).toHaveLength(2)
})
