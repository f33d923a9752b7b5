import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { pixelsOf, select, toMatrix } from '../../src/digits.ts'
import { generate } from '../../src/digits/generate.ts'
import { forwardProp, predictions } from '../../src/network.ts'
import { load, save } from '../../src/weights.ts'
import { bin, ended, start } from '../support/command.ts'
import { newFolder } from '../support/folder.ts'
import { runInProcess as run } from '../support/in-process.ts'
import { cellsOf, csvOf, HEADER, PIXEL_NAMES, textOf } from '../support/csv.ts'

const cwd = newFolder()
const predict = (...args: string[]) => run('mnist-predict', args, { cwd })

const digits = generate(40, 6)
/** Digits as Kaggle's test.csv has them, without labels. */
const UNLABELLED = textOf([PIXEL_NAMES, ...cellsOf(digits).map(([, ...pixels]) => pixels)])
beforeAll(async () => {
  writeFileSync(join(cwd, 'digits.csv'), `${HEADER}\n${csvOf(digits)}`)
  writeFileSync(join(cwd, 'test.csv'), UNLABELLED)
  await run('mnist-train', ['--data', 'digits.csv', '--dev', '0', '--iters', '30'], { cwd })
})

describe('mnist-predict', () => {
  test('prints the prediction, the label, ten probabilities and the picture', async () => {
    const { code, stdout, stderr } = await predict('--index', '3', '--data', 'digits.csv')
    const { params } = await load(join(cwd, 'weights.json'))
    const { A2 } = forwardProp(params, toMatrix(select(digits, Uint32Array.of(3))))
    expect([code, stderr]).toEqual([0, ''])
    const lines = stdout.split('\n')
    expect(lines.slice(0, 2)).toEqual([`prediction ${predictions(A2)[0]}`, `label ${digits.labels[3]}`])
    expect(lines.slice(2, 12).map((line) => line.slice(0, 11))).toEqual(
      Array.from(A2.data, (probability, i) => `${i}  ${probability.toFixed(6)}`),
    )
    const inked = (y: number, x: number) => lines[12 + y].slice(2 * x, 2 * x + 2).trim() !== ''
    for (let y = 0; y < 28; y++) {
      for (let x = 0; x < 28; x++) {
        const pixel = pixelsOf(digits, 3)[y * 28 + x]
        if (pixel > 28 || pixel === 0) expect(inked(y, x), `pixel ${y}, ${x}`).toBe(pixel > 28)
      }
    }
    expect(stdout).not.toContain('\u001b')
  })

  test('draws in colour if FORCE_COLOR is set, but not if NO_COLOR or --no-color is', async () => {
    const args = ['--index', '3', '--data', 'digits.csv']
    const coloured = (env: Record<string, string>, ...more: string[]) =>
      run('mnist-predict', [...args, ...more], { cwd, env }).then(({ stdout }) => stdout.includes('\u001b[38;5;'))
    expect(await coloured({ FORCE_COLOR: '1' })).toBe(true)
    expect(await coloured({ FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false)
    expect(await coloured({ FORCE_COLOR: '1' }, '--no-color')).toBe(false)
  })

  test('with --json prints one line of JSON', async () => {
    const { stdout } = await predict('--index', '7', '--data', 'digits.csv', '--json')
    const { params } = await load(join(cwd, 'weights.json'))
    const { A2 } = forwardProp(params, toMatrix(select(digits, Uint32Array.of(7))))
    expect(stdout.split('\n')).toHaveLength(2)
    expect(JSON.parse(stdout)).toEqual({
      schema: 'mnist-predict/1',
      index: 7,
      data: 'digits.csv',
      prediction: predictions(A2)[0],
      label: digits.labels[7],
      probabilities: Array.from(A2.data, (probability) => expect.closeTo(probability, 14) as number),
    })
  })

  test('counts rows across files', async () => {
    const { stdout } = await predict('--index', '43', '--data', 'digits.csv', 'digits.csv', '--json')
    const { stdout: same } = await predict('--index', '3', '--data', 'digits.csv', '--json')
    expect(JSON.parse(stdout).probabilities).toEqual(JSON.parse(same).probabilities)
  })

  test('reads no further than the row', async () => {
    writeFileSync(join(cwd, 'broken.csv'), `${csvOf(digits)}not a digit\n`)
    expect(await predict('--index', '39', '--data', 'broken.csv', '--no-picture')).toMatchObject({ code: 0 })
    expect(await predict('--index', '40', '--data', 'broken.csv')).toMatchObject({ code: 65 })
  })

  test('asks for --data where the weights were trained on another file than the default', async () => {
    const { code, stdout, stderr } = await predict('--index', '3')
    expect([code, stdout]).toEqual([64, ''])
    expect(stderr).toBe(
      'mnist-predict: weights.json was trained on digits.csv, but the default data is generated: name the data with --data\n',
    )
    copyFileSync(join(cwd, 'digits.csv'), join(cwd, 'copy.csv'))
    const env = { MNIST_DATA: 'copy.csv' } // which names the data, too
    expect(await run('mnist-predict', ['--index', '3'], { cwd, env })).toMatchObject({ code: 0 })
  })

  test.each([
    [[], 64, 'say which digits: --index 3 is row 3, --index 0-9 are ten, --all are all; or name pictures'],
    [['--index', '40', '--data', 'digits.csv'], 64, '--index 40: digits.csv has 40 digits, rows 0 to 39'],
    [['--index', '38-41,7,50', '--data', 'digits.csv'], 64, '--index 40-41,50: digits.csv has 40 digits, rows 0 to 39'],
    [['--index', '-1'], 64, '--index "-1": not rows, such as 3 or 0-9,17'],
    [['--index', '3', '--all'], 64, "option '-n, --index <rows>' cannot be used with option '--all'"],
    [
      ['--index', '3', '--kaggle', 'x.csv'],
      64,
      "option '-n, --index <rows>' cannot be used with option '--kaggle <file>'",
    ],
    [['--all', '--plain', '--csv'], 64, "option '--plain' cannot be used with option '--csv'"],
    [['--all', '--csv', '--json'], 64, "option '--csv' cannot be used with option '--json'"],
    [['--kaggle', 'x.csv', '--json'], 64, "option '--json' cannot be used with option '--kaggle <file>'"],
    [['--index', '3', '--weights', 'none.json'], 66, 'none.json: no such file'],
    [['--index', '3', '--weights', 'digits.csv'], 65, 'digits.csv: not a weights file: not JSON'],
  ])('refuses %j', async (args, code, sentence) => {
    expect(await predict(...args)).toEqual({ code, stdout: '', stderr: `mnist-predict: ${sentence}\n` })
  })

  test.each([[['--index', '3']], [['--all', '--json']]])(
    'ends quietly if nobody reads its output: %j',
    async (args) => {
      const child = start('mnist-predict', [...args, '--data', 'digits.csv', '--quiet'], { cwd })
      await once(child, 'spawn')
      child.stdout!.destroy()
      expect(await ended(child)).toMatchObject({ code: 0, stderr: '' })
    },
  )
})

describe('mnist-predict for several rows', () => {
  /** The network's answers as network.ts computes them. */
  const expected = async (rows: number[]) => {
    const { params } = await load(join(cwd, 'weights.json'))
    const { A2 } = forwardProp(params, toMatrix(select(digits, Uint32Array.from(rows))))
    return rows.map((row, j) => ({
      row,
      label: digits.labels[row],
      prediction: predictions(A2)[j],
      probabilities: Array.from({ length: 10 }, (_, digit) => A2.get(digit, j)),
    }))
  }
  const ROWS = [0, 1, 2, 3, 17, 2]

  test('prints a table: row, digit, probability, label, whether they differ, and how many are correct', async () => {
    const mistaken = { ...digits, labels: digits.labels.with(3, (digits.labels[3] + 1) % 10) }
    writeFileSync(join(cwd, 'mistaken.csv'), csvOf(mistaken))
    const { code, stdout } = await predict('--index', '0-3,17', '--index', '2', '--data', 'mistaken.csv')
    const answers = (await expected(ROWS)).map((answer) => ({ ...answer, label: mistaken.labels[answer.row] }))
    const correct = answers.filter(({ label, prediction }) => label === prediction).length
    expect([code, correct]).toEqual([0, 5])
    const cells = stdout.trimEnd().split('\n').map((line) => line.trim().split(/ +/)) // prettier-ignore
    expect(cells).toEqual([
      ['row', 'digit', 'probability', 'label'],
      ...answers.map(({ row, label, prediction, probabilities }) => [
        `${row}`,
        `${prediction}`,
        probabilities[prediction].toFixed(6),
        `${label}`,
        ...(label === prediction ? [] : ['wrong']),
      ]),
      `${correct} of 6 correct (accuracy ${(correct / 6).toFixed(6)})`.split(' '),
    ])
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(40)
  })

  test('draws the digits side by side with --picture', async () => {
    const { stdout } = await predict('--index', '0-3', '--data', 'digits.csv', '--picture')
    const answers = await expected([0, 1, 2, 3])
    const titles = answers.map(({ row, prediction }) => `row ${row}: ${prediction}`)
    expect([...stdout.matchAll(/row \d: \d/g)].flat()).toEqual(titles)
    expect(stdout).toMatch(/^row 2: \d {22}row 3: \d$/m)
    const { stdout: without } = await predict('--index', '0-3', '--data', 'digits.csv')
    expect(stdout.startsWith(without)).toBe(true)
  })

  test('--plain prints one digit per line', async () => {
    const { stdout, code } = await predict('--index', '0-3,17,2', '--data', 'digits.csv', '--plain')
    const answers = await expected(ROWS)
    expect([code, stdout]).toEqual([0, answers.map(({ prediction }) => `${prediction}\n`).join('')])
  })

  test('--csv prints the index, the label, the prediction and ten probabilities', async () => {
    const { stdout } = await predict('--index', '0-3,17,2', '--data', 'digits.csv', '--csv')
    const [header, ...lines] = stdout.trimEnd().split('\n')
    expect(header).toBe('index,label,prediction,p0,p1,p2,p3,p4,p5,p6,p7,p8,p9')
    const answers = await expected(ROWS)
    expect(lines.map((line) => line.split(',').map(Number))).toEqual(
      answers.map(({ row, label, prediction, probabilities }) => [
        row,
        label,
        prediction,
        ...probabilities.map((probability) => expect.closeTo(probability, 14) as number),
      ]),
    )
  })

  test('every format gives the same bits, for one row alone and for all', async () => {
    const all = await predict('--all', '--data', 'digits.csv', '--json')
    const jsonLines = all.stdout.trimEnd().split('\n')
    expect(jsonLines).toHaveLength(40)
    const { stdout } = await predict('--all', '--data', 'digits.csv', '--csv')
    const [, ...csvLines] = stdout.trimEnd().split('\n')
    for (const row of [0, 17, 39]) {
      const alone = await predict('--index', `${row}`, '--data', 'digits.csv', '--json')
      expect(alone.stdout).toBe(`${jsonLines[row]}\n`)
      const { label, prediction, probabilities } = JSON.parse(alone.stdout) as Record<string, number[]>
      expect(csvLines[row].split(',').map(Number)).toEqual([row, label, prediction, ...probabilities])
    }
  })

  test('digits without labels have an empty label in CSV and none elsewhere', async () => {
    const { stdout } = await predict('--index', '0-3', '--data', 'test.csv', '--csv')
    expect(stdout.split('\n')[4]).toMatch(/^3,,\d,0?\.?\d/)
    const { stdout: table } = await predict('--index', '0-3', '--data', 'test.csv')
    expect(table).toMatch(/^row {2}digit {2}probability\n( +\d +\d +0\.\d{6}\n){4}$/)
  })

  test('reads no further than the last of them, but what a file is does not depend on that', async () => {
    writeFileSync(join(cwd, 'broken.csv'), `${csvOf(digits)}not a digit\n`)
    expect(await predict('--index', '39,2', '--data', 'broken.csv')).toMatchObject({ code: 0 })
    expect(await predict('--all', '--data', 'broken.csv')).toMatchObject({ code: 65, stdout: '' })
    // Digits that are clearly upright stay so with --transpose: that is seen in all of them.
    writeFileSync(join(cwd, 'upright.csv'), csvOf(generate(200, 21)))
    const args = ['--data', 'upright.csv', '--json']
    const alone = await predict('--index', '3', '--transpose', ...args)
    expect(alone.stdout).toBe((await predict('--index', '3', ...args)).stdout)
  })

  test('the command line wins over a variable that asks for another format or other rows', async () => {
    const env = { MNIST_JSON: '1', MNIST_INDEX: '3', MNIST_NO_PICTURE: '1' }
    const { code, stdout } = await run('mnist-predict', ['--all', '--plain', '--data', 'digits.csv'], { cwd, env })
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^(\d\n){40}$/)])
  })
})

describe('mnist-predict --kaggle', () => {
  test('writes all predictions, numbered from 1, and says how many there are', async () => {
    const { code, stdout, stderr } = await predict('--kaggle', 'submission.csv', '--data', 'test.csv')
    expect([code, stdout]).toEqual([0, ''])
    expect(stderr).toContain('40 predictions written to submission.csv\n')
    expect(stderr).toContain("submission.csv has 40 rows, Kaggle's test.csv 28,000\n")
    const { stdout: plain } = await predict('--all', '--data', 'test.csv', '--plain')
    const lines = plain.trimEnd().split('\n').map((digit, i) => `${i + 1},${digit}\n`) // prettier-ignore
    expect(readFileSync(join(cwd, 'submission.csv'), 'utf8')).toBe(`ImageId,Label\n${lines.join('')}`)
  })

  test('into /dev/stdout ends quietly if its reader has left', () => {
    const command = `'${process.execPath}' '${bin('mnist-predict')}' --kaggle /dev/stdout --data test.csv --quiet`
    const { stderr } = spawnSync('bash', ['-c', `${command} | true`], { cwd, encoding: 'utf8' })
    expect(stderr).toBe('')
  })

  test('replaces an existing file only with --force', async () => {
    writeFileSync(join(cwd, 'mine.csv'), 'mine')
    const refused = await predict('--kaggle', 'mine.csv', '--data', 'none.csv') // which is not even looked for
    const sentence = 'cannot write mine.csv: it exists; use another name, or replace it with --force'
    expect(refused).toEqual({ code: 73, stdout: '', stderr: `mnist-predict: ${sentence}\n` })
    expect(readFileSync(join(cwd, 'mine.csv'), 'utf8')).toBe('mine')
    expect(await predict('--kaggle', 'mine.csv', '--data', 'test.csv', '--force')).toMatchObject({ code: 0 })
    expect(readFileSync(join(cwd, 'mine.csv'), 'utf8')).toMatch(/^ImageId,Label\n1,\d\n/)
  })

  test.each([
    [
      ['sub.csv', '--data', 'digits.csv'],
      64,
      "--kaggle: digits.csv has labels, unlike Kaggle's test.csv; name that with --data",
    ],
    [
      ['test.csv', '--data', 'test.csv', '--force'],
      64,
      '--kaggle test.csv is what the command reads; write to another file',
    ],
    [
      ['weights.json', '--data', 'test.csv', '--force'],
      64,
      '--kaggle weights.json is what the command reads; write to another file',
    ],
    [['-', '--data', 'test.csv'], 64, '--kaggle -: name a file to write; --kaggle /dev/stdout is stdout'],
    [['none/sub.csv', '--data', 'test.csv'], 73, 'cannot write none/sub.csv: its folder does not exist'],
    [['sub.csv', '--data', 'bad.csv'], 65, 'bad.csv:42: 10 columns, expected 784 (784 pixels)'],
  ])('refuses %j and writes nothing', async (args, code, sentence) => {
    writeFileSync(join(cwd, 'bad.csv'), `${UNLABELLED}0,1,2,3,4,5,6,7,8,9\n`)
    expect(await predict('--kaggle', ...args)).toEqual({ code, stdout: '', stderr: `mnist-predict: ${sentence}\n` })
    expect(existsSync(join(cwd, 'sub.csv'))).toBe(false)
    expect(readdirSync(cwd).filter((name) => name.startsWith('.'))).toEqual([])
    expect(readFileSync(join(cwd, 'test.csv'), 'utf8')).toBe(UNLABELLED)
  })
})

describe('mnist-predict warns', () => {
  const blank = (value: number) => Array(784).fill(value).join(',')
  beforeAll(() => {
    writeFileSync(join(cwd, 'odd.csv'), `${UNLABELLED}${blank(0)}\n${blank(255)}\n`)
  })

  test.each([
    ['40', 'odd.csv: row 40: no ink, so the prediction means nothing'],
    ['41', 'odd.csv: row 41: mostly ink, unlike any digit of MNIST; --invert exchanges ink and paper'],
  ])('if row %s is unlike MNIST, unless --quiet', async (row, sentence) => {
    const args = ['--index', row, '--data', 'odd.csv', '--plain']
    const { code, stdout, stderr } = await predict(...args)
    expect([code, stdout, stderr.trimEnd().split('\n')]).toEqual([0, expect.stringMatching(/^\d\n$/), [sentence]])
    expect(await predict(...args, '--quiet')).toEqual({ code, stdout, stderr: '' })
  })

  test('with a count of many rows', async () => {
    const { stderr } = await predict('--all', '--data', 'odd.csv', '--plain')
    expect(stderr).toContain('odd.csv: 1 of 42 rows has no ink: 40\n')
    expect(stderr).toContain('odd.csv: 1 of 42 rows is mostly ink (--invert exchanges ink and paper): 41\n')
  })

  test('if src/network.ts does not compute the activation of the network', async () => {
    await save(join(cwd, 'custom.json'), { ...(await load(join(cwd, 'weights.json'))), activation: 'custom' })
    const { code, stderr } = await predict(
      '--index',
      '3',
      '--data',
      'digits.csv',
      '--weights',
      'custom.json',
      '--plain',
    )
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/^custom\.json was trained with an activation of its own, /),
    ])
  })

  test('if the network is undecided', async () => {
    await run('mnist-train', ['--data', 'digits.csv', '--dev', '0', '--iters', '0', '--out', 'untrained.json'], { cwd })
    const args = ['--data', 'digits.csv', '--json', '--weights', 'untrained.json']
    const { stdout, stderr } = await predict('--all', ...args)
    const found = stdout.trimEnd().split('\n').flatMap((line) => {
      const { index, probabilities } = JSON.parse(line) as { index: number; probabilities: number[] }
      const [second, first] = probabilities.toSorted((a, b) => a - b).slice(-2)
      return second > 0.9 * first ? [{ index, probabilities, first, second }] : []
    }) // prettier-ignore
    expect(found.length).toBeGreaterThan(1)
    const rows = found.slice(0, 5).map(({ index }) => index).join(', ') + (found.length > 5 ? ', …' : '') // prettier-ignore
    expect(stderr).toBe(`digits.csv: ${found.length} of 40 rows are undecided between two digits: ${rows}\n`)
    const [{ index, probabilities, first, second }] = found
    const [one, other] = [first, second].map((p) => `${probabilities.indexOf(p)} (${p.toFixed(3)})`)
    const { stderr: alone } = await predict('--index', `${index}`, ...args)
    expect(alone).toBe(`digits.csv: row ${index}: undecided between ${one} and ${other}\n`)
  })
})

describe.each(['mnist-train', 'mnist-predict', 'mnist-evaluate'])('%s', (name) => {
  test('--help prints examples first, and the defaults, on stdout', async () => {
    const { code, stdout, stderr } = await run(name, ['--help'], { cwd })
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^Examples:\n/)
    expect(stdout).toMatch(/default:\s+"?weights\.json/)
  })

  test('--version prints only the version', async () => {
    expect(await run(name, ['--version'], { cwd })).toEqual({ code: 0, stdout: '0.1.0\n', stderr: '' })
  })
})
