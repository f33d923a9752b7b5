import { writeFileSync } from 'node:fs'
import { Command } from '@commander-js/extra-typings'
import { describe, expect, test } from 'vitest'
import { applyConfig, noticesOfOtherDigits } from '../../../src/commands/train/config.ts'
import { trainOptions } from '../../../src/commands/train/options.ts'
import { load } from '../../../src/weights.ts'
import { runInProcess } from '../../support/in-process.ts'
import { SMALL, trainingFolder } from '../../support/training.ts'

const { cwd, at, text, train } = trainingFolder()

describe('--config', () => {
  test('takes the output of --print-config and repeats the run', async () => {
    const args = [...SMALL, '--iters', '4', '--batch', '10', '--momentum', '0.5', '--hidden', '3']
    await train(...args, '--out', 'options.json')
    const { stdout, code } = await train(...args, '--out', 'config.json', '--print-config')
    expect(code).toBe(0)
    writeFileSync(at('experiment.json'), stdout)
    expect(await train('--config', 'experiment.json')).toMatchObject({ code: 0 })
    expect(text('config.json')).toBe(text('options.json'))
  })

  test('takes a weights file and repeats its run, with the changes that options ask for', async () => {
    await train(...SMALL, '--iters', '4', '--hidden', '3', '--decay', 'cosine', '--seed', '3', '--out', 'that.json')
    await train('--data', 'small.csv', '--config', 'that.json', '--out', 'again.json')
    expect(text('again.json')).toBe(text('that.json'))
    await train('--data', 'small.csv', '--config', 'that.json', '--alpha', '0.2', '--out', 'but.json')
    const [that, but] = [await load(at('that.json')), await load(at('but.json'))]
    expect(but.training).toEqual({ ...that.training, alpha: 0.2 })
    expect(but.params.W1.shape).toEqual([3, 784])
  })

  test('needs --init if the run of the weights file had it', async () => {
    await train(...SMALL, '--iters', '2', '--out', 'first.json')
    await train(...SMALL, '--iters', '2', '--init', 'first.json', '--out', 'second.json')
    const again = ['--data', 'small.csv', '--config', 'second.json', '--out', 'again.json']
    expect(await train(...again)).toEqual({
      code: 64,
      stdout: '',
      stderr: 'mnist-train: second.json: its run started from another weights file; name that file with --init\n',
    })
    await train(...again, '--init', 'first.json')
    expect(text('again.json')).toBe(text('second.json'))
  })

  test('gives way to the environment, and that to the command line', async () => {
    writeFileSync(at('c.json'), JSON.stringify({ format: 'mnist-config', alpha: 0.3, hidden: 5, iters: 7 }))
    const args = ['--config', 'c.json', '--hidden', '6', '--print-config']
    const { stdout } = await runInProcess('mnist-train', args, { cwd, env: { MNIST_ALPHA: '0.25', MNIST_HIDDEN: '9' } })
    expect(JSON.parse(stdout)).toMatchObject({ alpha: 0.25, hidden: 6, iters: 7, seed: 0 })
  })

  const NEITHER = 'not a weights file or a configuration; --print-config prints one'
  test.each([
    ['{"format":"mnist-config","alhpa":1}', 65, 'unknown option "alhpa"'],
    ['{"format":"mnist-config","resume":"w.json"}', 65, 'unknown option "resume"'],
    ['{"format":"mnist-config","alpha":-1}', 64, '"alpha": --alpha "-1": not a number above 0'],
    ['{"format":"mnist-config","momentum":1}', 64, '"momentum": --momentum "1": not a number from 0 to below 1'],
    ['{"format":"mnist-config","out":""}', 64, '"out": --out "": the name is empty'],
    [
      '{"format":"mnist-config","out":"a\\u0000b"}',
      64,
      '"out": --out "a\\u0000b": a name cannot contain a NUL character',
    ],
    ['{"format":"mnist-config","alpha":null}', 65, '"alpha" is null, not a number'],
    ['{"format":"mnist-config","alpha":"0.1"}', 65, '"alpha" is "0.1", not a number'],
    ['{"format":"mnist-config","alpha":1e999}', 65, '"alpha" is Infinity, not a finite number'],
    ['{"format":"mnist-config","alpha":{"toString":1}}', 65, '"alpha" is an object, not a number'],
    ['{"format":"mnist-config","alpha":[]}', 65, '"alpha" is an empty list, not a number'],
    ['{"format":"mnist-config","alpha":[0.3,0.1]}', 65, '"alpha" is a list, not a number'],
    ['{"format":"mnist-config","hidden":[]}', 65, '"hidden" is an empty list, not a number'],
    ['{"format":"mnist-config","iters":[]}', 65, '"iters" is an empty list, not a number'],
    ['{"format":"mnist-config","out":null}', 65, '"out" is null, not text in quotes'],
    ['{"format":"mnist-config","out":[]}', 65, '"out" is an empty list, not text in quotes'],
    ['{"format":"mnist-config","out":["a","b"]}', 65, '"out" is a list, not text in quotes'],
    ['{"format":"mnist-config","out":5}', 65, '"out" is 5, not text in quotes'],
    ['{"format":"mnist-config","engine":null}', 65, '"engine" is null, not text in quotes'],
    ['{"format":"mnist-config","data":[]}', 65, '"data" is an empty list, not a name or a list of names'],
    ['{"format":"mnist-config","data":[["a"]]}', 65, '"data" is a list, not a name or a list of names'],
    ['{"format":"mnist-config","data":["a",null]}', 65, '"data" is a list, not a name or a list of names'],
    ['{"format":"mnist-config","__proto__":true}', 65, 'unknown option "__proto__"'],
    ['{"format":"mnist-config","constructor":true}', 65, 'unknown option "constructor"'],
    ['{"format":"mnist-config","toString":1}', 65, 'unknown option "toString"'],
    ['{"format":"mnist-config","notebook":"yes"}', 65, '"notebook" is "yes", not true or false'],
    ['{"format":"mnist-config","notebook":null}', 65, '"notebook" is null, not true or false'],
    ['{"format":"mnist-config","iters":true}', 65, '"iters" is true, not a number'],
    ['[]', 65, NEITHER],
    ['{"format":"other"}', 65, NEITHER],
    ['{"format":"mnist-weights"}', 65, 'not a weights file: no version; mnist-train writes 1'],
    ['alpha: 1', 65, 'not JSON'],
    ['null', 65, NEITHER],
  ])('refuses %s', async (content, code, sentence) => {
    writeFileSync(at('bad.json'), content)
    const refused = await train('--config', 'bad.json')
    expect(refused).toEqual({ code, stdout: '', stderr: `mnist-train: bad.json: ${sentence}\n` })
  })

  test('refuses long and deep values in a short sentence, at once', async () => {
    for (const value of [
      JSON.stringify('1'.repeat(2e5) + 'x'),
      JSON.stringify('a'.repeat(2e5)),
      '['.repeat(2e4) + ']'.repeat(2e4),
    ]) {
      for (const name of ['alpha', 'out', 'decay', 'a'.repeat(2e5)]) {
        writeFileSync(at('bad.json'), `{"format":"mnist-config","${name}":${value}}`)
        const began = performance.now()
        const { code, stderr } = await train('--config', 'bad.json')
        expect([64, 65]).toContain(code)
        expect(stderr.length).toBeLessThan(200)
        expect(performance.now() - began).toBeLessThan(1000)
      }
    }
  })

  test('reads a file with a byte order mark, and names UTF-16', async () => {
    writeFileSync(at('bom.json'), '\ufeff{"format":"mnist-config","alpha":0.3}')
    expect(JSON.parse((await train('--config', 'bom.json', '--print-config')).stdout)).toMatchObject({ alpha: 0.3 })
    writeFileSync(at('wide.json'), Buffer.from('\ufeff{"format":"mnist-config"}', 'utf16le'))
    const refused = await train('--config', 'wide.json')
    expect(refused).toEqual({ code: 65, stdout: '', stderr: 'mnist-train: wide.json: is UTF-16; save it as UTF-8\n' })
  })

  test('returns the run of a weights file, to say if it was on other digits', async () => {
    await train(...SMALL, '--iters', '1', '--test', 'others.csv', '--out', 'that.json')
    const { training } = await load(at('that.json'))
    const program = () => trainOptions(new Command())
    const repeated = await applyConfig(program(), at('that.json'))
    expect(repeated).toEqual({ path: at('that.json'), training })
    writeFileSync(at('plain.json'), '{"format":"mnist-config"}')
    expect(await applyConfig(program(), at('plain.json'))).toBeUndefined()

    const run = { path: 'that.json', training }
    expect(noticesOfOtherDigits(run, training)).toEqual([])
    expect(noticesOfOtherDigits(run, { data: training.data })).toEqual([])
    const other = { names: ['a.csv', 'b.csv', 'c.csv', 'd.csv', 'e.csv'], rows: 1, sha256: '0123456789' }
    const [was, tested] = [training.data.sha256, training.test!.sha256].map((hash) => hash.slice(0, 8))
    expect(noticesOfOtherDigits(run, { data: other, test: other })).toEqual([
      `that.json was trained on other digits: 60 digits of small.csv (${was}); training on 1 digit of a.csv, b.csv, c.csv, 2 more (01234567)`,
      `that.json was tested on other digits: 20 digits of others.csv (${tested}); testing on 1 digit of a.csv, b.csv, c.csv, 2 more (01234567)`,
    ])
  })

  test('refuses a file that does not exist', async () => {
    const refused = await train('--config', 'absent.json')
    expect(refused).toEqual({ code: 66, stdout: '', stderr: 'mnist-train: absent.json: no such file\n' })
  })
})
