import { writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
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
    ['{"format":"mnist-config","alpha":null}', 64, '"alpha": --alpha "null": not a number above 0'],
    ['{"format":"mnist-config","notebook":"yes"}', 65, '"notebook": not true or false'],
    ['{"format":"mnist-config","iters":true}', 65, '"iters": needs a value'],
    ['{"format":"other"}', 65, NEITHER],
    ['{"format":"mnist-weights"}', 65, 'version is missing, not 1'],
    ['alpha: 1', 65, 'not JSON'],
    ['null', 65, NEITHER],
  ])('refuses %s', async (content, code, sentence) => {
    writeFileSync(at('bad.json'), content)
    const refused = await train('--config', 'bad.json')
    expect(refused).toEqual({ code, stdout: '', stderr: `mnist-train: bad.json: ${sentence}\n` })
  })

  test('refuses a file that does not exist', async () => {
    const refused = await train('--config', 'absent.json')
    expect(refused).toEqual({ code: 66, stdout: '', stderr: 'mnist-train: absent.json: no such file\n' })
  })
})
