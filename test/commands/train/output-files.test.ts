/** Where mnist-train writes: nothing that it reads, nothing unasked, and checked before the work. Needs `npm run build`. */
import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { beforeEach, describe, expect, test } from 'vitest'
import { load } from '../../../src/weights.ts'
import { bin, ended, printed, start } from '../../support/command.ts'
import { runInProcess } from '../../support/in-process.ts'
import { SMALL, trainingFolder } from '../../support/training.ts'

const { cwd, at, text, train } = trainingFolder()
const remove = (name: string) => rmSync(at(name), { force: true, recursive: true })
const DATA = text('small.csv')

describe('--out that is an input', () => {
  test.each([
    ['--data small.csv --out small.csv', '--out small.csv is what --data reads'],
    ['--data small.csv --out link.csv', '--out link.csv is what --data reads (small.csv)'],
    ['--data others.csv hard.csv --out ./small.csv', '--out ./small.csv is what --data reads (hard.csv)'],
    ['--data small.csv --test others.csv --out others.csv', '--out others.csv is what --test reads'],
    ['--data small.csv --init init.json --out init.json', '--out init.json is what --init reads'],
    ['--data small.csv --config config.json --out config.json', '--out config.json is what --config reads'],
    ['--out data/mnist_train.csv', '--out data/mnist_train.csv is what --data reads'],
    ['--data x-images-idx3-ubyte --out x-labels-idx1-ubyte', '--out x-labels-idx1-ubyte is what --data reads (x-images-idx3-ubyte)'],
  ])('is refused before any work: %s', async (line, message) => {
    const args = line.split(' ').filter(Boolean)
    symlinkSync('small.csv', at('link.csv'))
    linkSync(at('small.csv'), at('hard.csv'))
    mkdirSync(at('data'))
    for (const name of ['data/mnist_train.csv', 'x-images-idx3-ubyte', 'x-labels-idx1-ubyte']) writeFileSync(at(name), 'not digits') // prettier-ignore
    await train(...SMALL, '--iters', '0', '--out', 'init.json')
    writeFileSync(at('config.json'), (await train('--print-config', '--iters', '1')).stdout)
    const out = args[args.indexOf('--out') + 1]
    const before = text(out)
    const stderr = `mnist-train: ${message}; write to another file\n`
    expect(await train(...args)).toEqual({ code: 64, stdout: '', stderr })
    const env = { MNIST_OUT: out }
    const rest = args.slice(0, args.indexOf('--out'))
    expect(await runInProcess('mnist-train', rest, { cwd, env })).toEqual({ code: 64, stdout: '', stderr })
    expect(text(out)).toBe(before)
    for (const name of ['link.csv', 'hard.csv', 'data', 'x-images-idx3-ubyte', 'x-labels-idx1-ubyte']) remove(name)
  }) // prettier-ignore

  test('is refused if it is standard input', () => {
    const command = `'${process.execPath}' '${bin('mnist-train')}' --data - --out small.csv < small.csv`
    const { status, stderr } = spawnSync('sh', ['-c', command], { cwd, encoding: 'utf8' })
    expect([status, stderr]).toEqual([
      64,
      'mnist-train: --out small.csv is what --data reads (-); write to another file\n',
    ])
    expect(text('small.csv')).toBe(DATA)
  })

  test('is meant if --resume names it', async () => {
    await train(...SMALL, '--iters', '2', '--out', 'part.json')
    const resume = ['--data', 'small.csv', '--resume', 'part.json', '--iters', '4', '--quiet']
    expect(await train(...resume, '--out', 'part.json')).toMatchObject({ code: 0, stderr: '' })
    expect((await load(at('part.json'))).result.iterations).toBe(4)
  })
})

describe('--out that cannot be written', () => {
  beforeEach(() => {
    writeFileSync(at('read-only.json'), 'kept')
    chmodSync(at('read-only.json'), 0o444)
  })

  const name = 'n'.repeat(256)
  test.each([
    ['-', 64, '--out -: stdout carries the results; write to a file'],
    ['results/', 73, 'cannot write results/: names a folder, not a file'],
    ['.', 73, 'cannot write .: is a folder, not a file'],
    ['small.csv/w.json', 73, 'cannot write small.csv/w.json: its folder is a file'],
    ['read-only.json', 73, 'cannot write read-only.json: is read-only; make it writable, or use another name'],
    [name, 73, `cannot write ${name}: the name is too long`],
  ])('is refused before any work: %s', async (out, code, message) => {
    const refused = await train('--data', 'absent.csv', '--out', out)
    expect(refused).toEqual({ code, stdout: '', stderr: `mnist-train: ${message}\n` })
    expect([text('read-only.json'), existsSync(at('-'))]).toEqual(['kept', false])
  })

  test("is refused if it is another user's in a sticky folder", ({ skip }) => {
    skip(process.getuid?.() !== 0, 'needs root, to be two users')
    mkdirSync(at('sticky'))
    chmodSync(cwd, 0o755)
    chmodSync(at('sticky'), 0o1777)
    writeFileSync(at('sticky/w.json'), 'theirs')
    chownSync(at('sticky/w.json'), 1, 1)
    chmodSync(at('sticky/w.json'), 0o666)
    const as = ['--reuid=65534', '--regid=65534', '--clear-groups']
    const canRead = spawnSync('setpriv', [...as, 'test', '-r', bin('mnist-train')]).status === 0
    skip(!canRead, 'needs a checkout that other users can read')
    const command = [process.execPath, bin('mnist-train'), '--data', 'absent.csv', '--out', 'sticky/w.json']
    const { status, stderr } = spawnSync('setpriv', [...as, ...command], { cwd, encoding: 'utf8' })
    const reason = 'belongs to another user, and its folder is sticky; use another name'
    expect([status, stderr]).toEqual([73, `mnist-train: cannot write sticky/w.json: ${reason}\n`])
  })
})

test('--out may have a name of 250 bytes, and may be a dangling link, which is followed', async () => {
  const long = `${'n'.repeat(245)}.json`
  mkdirSync(at('disk'))
  symlinkSync('disk/w.json', at('link.json'))
  for (const out of [long, long, 'link.json']) {
    expect(await train(...SMALL, '--iters', '1', '--quiet', '--out', out)).toMatchObject({ code: 0, stderr: '' })
  }
  expect(lstatSync(at('link.json')).isSymbolicLink()).toBe(true)
  expect(text('disk/w.json')).toBe(text(long))
})

test('--out /dev/stdout is refused, because stdout carries the results; /dev/null is not', () => {
  const command = `'${process.execPath}' '${bin('mnist-train')}' ${SMALL.join(' ')} --iters 1 --quiet --out`
  const shell = (redirected: string) =>
    spawnSync('bash', ['--norc', '-c', `${command} ${redirected}`], { cwd, encoding: 'utf8' })
  for (const [redirected, out] of Object.entries({
    '/dev/stdout': '/dev/stdout',
    '/dev/stdout > new.json': '/dev/stdout',
    'new.json > new.json': 'new.json',
  })) {
    const { status, stdout, stderr } = shell(redirected)
    const refusal = `mnist-train: --out ${out}: stdout carries the results; write to a file\n`
    expect([status, stdout, stderr]).toEqual([64, '', refusal])
  }
  expect(shell('/dev/null > /dev/null')).toMatchObject({ status: 0, stderr: '' })
})

describe('the default weights.json', () => {
  const NOTICE = 'weights.json held another run, which is kept as weights.json~; --out saves under another name\n'
  const iterations = async (name: string) => (await load(at(name))).result.iterations
  beforeEach(async () => {
    remove('weights.json')
    remove('weights.json~')
    await train(...SMALL, '--iters', '5')
  })

  test("keeps another run's network as weights.json~, once", async () => {
    const before = text('weights.json')
    const { stderr } = await train(...SMALL, '--iters', '4', '--checkpoint-every', '1')
    expect(stderr.split(NOTICE)).toHaveLength(2)
    expect(text('weights.json~')).toBe(before)
    expect(await iterations('weights.json')).toBe(4)
  })

  test.each([
    ['of another network', (other: string) => other.replace(/"alpha": *0\.1/, '"alpha": 0.2')],
    ['that is no weights file', () => '{"mine": true}'],
  ])('keeps a file %s', async (_, change) => {
    writeFileSync(at('weights.json'), change(text('weights.json')))
    const before = text('weights.json')
    expect((await train(...SMALL, '--iters', '5')).stderr).toContain(NOTICE)
    expect(text('weights.json~')).toBe(before)
  })

  test('keeps a run that went further than this one', async () => {
    await train(...SMALL, '--iters', '5', '--max-seconds', '1e-9')
    expect([await iterations('weights.json'), await iterations('weights.json~')]).toEqual([1, 5])
    const { stderr } = await train(...SMALL, '--iters', '5')
    expect([stderr.includes(NOTICE), await iterations('weights.json')]).toEqual([false, 5])
  })

  test('is replaced without a word by the same run, its continuation, and if it is named', async () => {
    const replaced = async (args: string[], env: Record<string, string> = {}) => {
      const { code, stderr } = await runInProcess('mnist-train', ['--data', 'small.csv', ...args], { cwd, env })
      expect([code, stderr.includes('weights.json~'), existsSync(at('weights.json~'))]).toEqual([0, false, false])
    }
    await replaced(['--dev', '10', '--iters', '5'])
    await replaced(['--resume', 'weights.json', '--iters', '7'])
    await replaced(['--dev', '10', '--iters', '3', '--out', 'weights.json'])
    await replaced(['--dev', '10', '--iters', '4'], { MNIST_OUT: 'weights.json' })
    writeFileSync(at('experiment.json'), '{"format": "mnist-config", "out": "weights.json"}')
    await replaced(['--dev', '10', '--iters', '6', '--config', 'experiment.json'])
    expect(await iterations('weights.json')).toBe(6)
  })

  test('is refused before any work if weights.json~ is in the way', async () => {
    mkdirSync(at('weights.json~'))
    const message = 'mnist-train: cannot write weights.json~: is a folder, not a file\n'
    expect(await train('--data', 'absent.csv')).toEqual({ code: 73, stdout: '', stderr: message })
  })
})

test('what a killed process left beside the file is removed by the next run, and nothing that a live one writes', async () => {
  mkdirSync(at('out'))
  const staging = `
    import { stage } from ${JSON.stringify(new URL('../../../dist/src/staged-file.js', import.meta.url).href)}
    await stage('out/w.json', (file) => file.writeFile('half'))
    console.log('staged')
    setInterval(() => {}, 1000)`
  const writers = [1, 2].map(() => spawn(process.execPath, ['--input-type=module', '-e', staging], { cwd }))
  for (const writer of writers) await printed(writer, 'staged')
  const staged = () => readdirSync(at('out')).map((name) => Number(/^\.w\.json\.(\d+)-/.exec(name)?.[1])) // prettier-ignore
  expect(staged().toSorted()).toEqual(writers.map(({ pid }) => pid).toSorted())
  const [dead, live] = writers
  dead.kill('SIGKILL')
  await ended(dead)
  const run = ['--data', 'small.csv', '--dev', '10', '--iters', '1', '--quiet', '--out', 'out/w.json']
  expect(await runInProcess('mnist-train', run, { cwd })).toMatchObject({ code: 0 })
  expect(staged()).toEqual([live.pid, NaN])
  live.kill('SIGKILL')
  await ended(live)
  spawnSync(process.execPath, [bin('mnist-train'), ...run], { cwd })
  expect(readdirSync(at('out'))).toEqual(['w.json'])
})

test('says so if another run has written --out meanwhile, and is replaced', async () => {
  const args = (iters: string, alpha: string) => [...SMALL, '--alpha', alpha, '--iters', iters, '--out', 'shared.json']
  const NOTICE = 'another run has written shared.json meanwhile, and is replaced; give each run an --out of its own\n'
  const endsAfter = async (alpha: string) => {
    const child = start('mnist-train', [...args('1000000', '0.1'), '--log-every', '1'], { cwd })
    await printed(child)
    await train(...args('2', alpha))
    child.kill('SIGTERM')
    return (await ended(child)).stderr
  }
  expect(await endsAfter('0.2')).toContain(NOTICE)
  expect((await load(at('shared.json'))).training.alpha).toBe(0.1)
  expect((await train(...args('2', '0.3'), '--checkpoint-every', '1')).stderr).not.toContain('meanwhile')
})
