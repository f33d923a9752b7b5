/** Reports as text. */
import { invocation, shellWord } from '../../cli/command-line.ts'
import type { StepResult } from '../../check/check-module.ts'
import { STEPS } from '../../check/steps.ts'
import type { TensorCheck } from '../../gradient-check.ts'
import { counted, escaped, escapedLines } from '../../wording.ts'
import type { Report } from './report.ts'

const STATUS: Record<StepResult['status'], string> = {
  right: 'right',
  wrong: 'wrong',
  missing: 'to be written',
  unchecked: '',
  ours: 'ours',
  own: 'your own; its gradients are checked',
}

/** The steps, what is wrong, and what is next. */
export function reportLines({ file, steps, gradients, next, status }: Report, hint: boolean): string[] {
  const isListed = ({ name, status }: StepResult) => !['ours', 'unchecked'].includes(status) && name !== 'gradients'
  const listed = steps.filter(isListed)
  const width = Math.max(...listed.map(({ name }) => name.length), 0)
  const lines = listed.map(({ name, status }) => `${name.padEnd(width)}  ${STATUS[status]}`)
  for (const { status, message, differences = [] } of steps) {
    if (status !== 'wrong' || message === undefined) continue
    lines.push('', escapedLines(message), ...differenceLines(differences))
  }
  if (gradients) lines.push('', 'gradients beside central differences', ...gradientLines(gradients))
  const step = STEPS.find(({ name }) => name === next)
  if (step && next !== undefined) {
    const isWrong = steps.some(({ status }) => status === 'wrong')
    if (!isWrong) lines.push('', `next: ${next}: ${step.formula}`)
    if (hint) lines.push(`hint: ${step.hint}`)
  }
  if (status === 'right') {
    const train = `${invocation('mnist-train')} --network ${shellWord(file)} --take 2000 --iters 100`
    lines.push('', `${escaped(file)} is right; to train with it:`, `  ${train}`)
  }
  return lines
}

function differenceLines(differences: NonNullable<StepResult['differences']>): string[] {
  if (differences.length === 0) return []
  const cells = [
    ['', 'expected', 'found'],
    ...differences.map(({ row, column, expected, found }) => [`[${row}, ${column}]`, short(expected), short(found)]),
  ]
  const widths = [0, 1, 2].map((j) => Math.max(...cells.map((line) => line[j].length)))
  return cells.map((line) => `  ${line.map((cell, j) => cell.padStart(widths[j])).join('  ')}`)
}

/** Each tensor's worst entry. */
export function gradientLines(tensors: TensorCheck[]): string[] {
  return tensors.map(({ tensor, verdict, checked, undecidable, error, row, column, analytic, numeric }) => {
    const kinks = undecidable === 0 ? '' : `, ${undecidable} undecidable`
    const worst = `[${row}, ${column}] ${short(analytic)} beside ${short(numeric)}`
    return `  ${tensor.padEnd(3)}  ${verdict.padEnd(8)}  relative error ${error.toExponential(1)} at ${worst} (${counted(checked, 'entry', 'entries')}${kinks})`
  })
}

/** Six digits. */
function short(x: number): string {
  return Number.isFinite(x) && (Math.abs(x) >= 1e6 || (Math.abs(x) < 1e-4 && x !== 0))
    ? x.toExponential(5)
    : x.toPrecision(6)
}
