import { writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { FAULTS } from '../../../src/advice.ts'
import { generate } from '../../../src/digits/generate.ts'
import { invert } from '../../../src/digits/suspicions.ts'
import { mnistTrain } from '../../../src/commands/mnist-train.ts'
import { programOf } from '../../../src/cli/program.ts'
import { csvOf } from '../../support/csv.ts'
import { runInProcess } from '../../support/in-process.ts'
import { SMALL, trainingFolder } from '../../support/training.ts'

const { cwd, at, text, train } = trainingFolder()
writeFileSync(at('500.csv'), csvOf(generate(500, 3)))
const dark = generate(100, 3)
invert(dark)
writeFileSync(at('dark.csv'), csvOf(dark))

/** The advice at the end of stderr: the sentence and the command. */
function adviceIn(stderr: string): { sentence: string; command: string } | undefined {
  const [, sentence, command] = /^(.*); try\n {2}(.*)\n$/m.exec(stderr) ?? []
  return sentence === undefined ? undefined : { sentence, command }
}

const DEAD = ['--data', '500.csv', '--dev', '100', '--alpha', '8', '--iters', '60', '--out', 'my dead.json']

describe('mnist-train', () => {
  test('says at the end what went wrong, and gives a command that does better', async () => {
    const { code, stdout, stderr } = await train(...DEAD)
    const { sentence, command } = adviceIn(stderr)!
    expect([code, sentence]).toEqual([0, expect.stringMatching(/^all 10 hidden units are dead: every digit/)])
    expect(command).toBe("mnist-train --data 500.csv --dev 100 --out 'my dead.json' --iters 60 --alpha 0.1")
    const again = await train(...command.replace("'my dead.json'", 'better.json').split(' ').slice(1))
    expect(adviceIn(again.stderr)).toBeUndefined()
    const loss = (stdout: string) => Number(/iteration +59 .* loss ([\d.]+)/.exec(stdout)![1])
    expect(loss(again.stdout)).toBeLessThan(loss(stdout))
  })

  test('does not with --no-advice, nor with --quiet, and writes the same bytes', async () => {
    await train(...DEAD)
    const bytes = text('my dead.json')
    for (const option of ['--no-advice', '--quiet']) {
      expect(adviceIn((await train(...DEAD, option)).stderr)).toBeUndefined()
      expect(text('my dead.json')).toBe(bytes)
    }
    const env = { MNIST_NO_ADVICE: '1' }
    expect(adviceIn((await runInProcess('mnist-train', DEAD, { cwd, env })).stderr)).toBeUndefined()
  })

  test('says nothing about a run that went well', async () => {
    expect(adviceIn((await train(...SMALL, '--iters', '30', '--out', 'healthy.json')).stderr)).toBeUndefined()
  })

  test('with --json prints it as an event', async () => {
    const { stdout, stderr } = await train(...DEAD, '--json', '--quiet')
    const events = stdout.trim().split('\n').map((line) => JSON.parse(line) as { event: string }) // prettier-ignore
    expect(stderr).toBe('')
    expect(events.at(-1)).toEqual({
      event: 'advice',
      fault: 'dead-units',
      value: 10,
      sentence: expect.stringMatching(/^all 10 hidden units are dead/) as string,
      command: "mnist-train --data 500.csv --dev 100 --out 'my dead.json' --iters 60 --alpha 0.1 --json --quiet",
    })
    expect(events.at(-2)!.event).toBe('end')
    expect((await train(...DEAD, '--json', '--quiet', '--no-advice')).stdout).not.toContain('"advice"')
  })

  test('repeats the options of a resumed run, as far as they are not defaults', async () => {
    await train(...DEAD, '--iters', '30', '--seed', '7', '--notebook')
    const { stderr } = await train('--resume', 'my dead.json', '--data', '500.csv', '--iters', '60')
    expect(adviceIn(stderr)!.command).toBe(
      "mnist-train --data 500.csv --dev 100 --out 'my dead.json' --iters 60 --alpha 0.1 --seed 7 --notebook --log-every 100",
    )
  })

  test('leaves out what a configuration sets to its default', async () => {
    const { stdout } = await train(...DEAD, '--print-config')
    writeFileSync(at('config.json'), stdout)
    const { command } = adviceIn((await train('--config', 'config.json')).stderr)!
    expect(command).toContain("--out 'my dead.json'")
    expect(command).toMatch(/--iters 60 --alpha 0\.1$/)
  })

  test('says so if the pixels are inverted, and asks for --invert', async () => {
    const { stderr } = await train(
      '--data',
      'dark.csv',
      '--dev',
      '0',
      '--iters',
      '5',
      '--alpha',
      '0.001',
      '--out',
      'd.json',
    )
    expect(adviceIn(stderr)).toEqual({
      sentence: 'the digits are dark on bright: 100 of 100 have a bright border',
      command: 'mnist-train --data dark.csv --invert --dev 0 --out d.json --iters 5 --alpha 0.001',
    })
    const diverged = await train('--data', 'dark.csv', '--dev', '0', '--iters', '20', '--alpha', '9', '--out', 'd.json')
    expect([diverged.code, diverged.stderr]).toEqual([
      1,
      expect.stringMatching(
        /: the digits are dark on bright: .*; d\.json is unchanged; try\n {2}mnist-train --data dark\.csv --invert /,
      ),
    ])
  })

  test('suggests to look at the data if the options are not to blame', async () => {
    const { labels, chunks } = generate(400, 3)
    writeFileSync(at('my shuffled.csv'), csvOf({ chunks, labels: labels.map((_, i) => labels[(i + 7) % 400]) }))
    const { stderr } = await train('--data', 'my shuffled.csv', '--dev', '0', '--iters', '20', '--out', 's.json')
    expect(adviceIn(stderr)!.sentence).toMatch(/^the labels look shuffled/)
    expect(adviceIn(stderr)!.command).toBe("mnist-data info 'my shuffled.csv'")
  })

  test('prints the advice on a diverging run as an event, too', async () => {
    const args = [
      '--data',
      '500.csv',
      '--dev',
      '9',
      '--alpha',
      '50',
      '--iters',
      '20',
      '--out',
      'e.json',
      '--json',
      '--quiet',
    ]
    const { code, stdout, stderr } = await train(...args)
    expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toMatchObject({ event: 'advice', value: 50 })
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('training diverges at --alpha 50; nothing is saved; try\n'),
    ])
    const silent = await train(...args, '--no-advice')
    expect(silent.stdout).not.toContain('advice')
    expect(silent.stderr).toMatch(/: training diverges at --alpha 50, try --alpha 0\.1; nothing is saved\n$/)
  })
})

test('the man page names every fault', () => {
  let help = ''
  const program = programOf(mnistTrain).configureOutput({ writeOut: (part) => (help += part) })
  program.outputHelp()
  for (const fault of FAULTS) expect(help).toContain(fault)
})
