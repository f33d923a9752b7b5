import { describe, expect, test } from 'vitest'
import { curvesSection } from '../../../src/commands/report/curves-section.ts'
import type { ShownRun } from '../../../src/commands/report/document.ts'
import type { HistoryEntry } from '../../../src/weights.ts'

/** A run with reports of these losses, every 50 iterations. */
function run(losses: number[], more: Partial<HistoryEntry> = {}): ShownRun {
  const history = losses.map((loss, i) => ({ iteration: 50 * i, loss, accuracy: 0.8, ...more }))
  return { file: 'a.json', weights: { history } } as unknown as ShownRun
}
const section = (runs: ShownRun[], shown = runs[0]) => curvesSection(runs, shown).text.replace(/\s+/g, ' ')
const pointsOf = (text: string) => [...text.matchAll(/data-kind="([\w-]+)" points="([^"]*)"/g)].map(([, kind, points]) => [kind, points]) // prettier-ignore

describe('a curve', () => {
  test('passes through its values, without those that lie on a line between others', () => {
    expect(pointsOf(section([run([2, 1, 0.5])]))).toEqual([
      ['training', '0,0 500,200 1000,300'],
      ['training', '0,80 1000,80'],
    ])
    expect(pointsOf(section([run([2, 1.5, 1])]))[0]).toEqual(['training', '0,0 1000,200'])
  })

  test('of accuracy is in percent, of held-out digits if all reports have them', () => {
    const held = run([1, 1], { devAccuracy: 0.6 })
    expect(section([held])).toContain('in percent, on held-out and training digits')
    expect(pointsOf(section([held]))).toContainEqual(['held-out', '0,160 1000,160'])
    expect(section([held, run([1, 1])])).toContain('in percent, on training digits')
    expect(section([held])).toContain('<span style="top:80%">20</span>')
  })

  test('of many runs is strong only if the run is shown', () => {
    const runs = Array.from({ length: 9 }, () => run([1, 1]))
    expect(section(runs, runs[3]).match(/curve strong" data-run="\d"/g)).toEqual(
      [...'33'].map((i) => `curve strong" data-run="${i}"`),
    )
    expect(section(runs.slice(1))).not.toContain('strong')
  })

  test('of a run without reports is none', () => {
    expect(section([run([])])).toContain('There are no reports to draw.')
    expect(section([run([])])).not.toContain('<svg')
  })
})
