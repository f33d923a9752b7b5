/** `--explain`: why the network predicts a digit rather than another, as people read it and as JSON. */
import { printAll, printJson, printText } from '../../cli/print.ts'
import type { Ending } from '../../cli/program.ts'
import { Failure } from '../../failure.ts'
import { explain, type Explanation, type UnitShare } from '../../explanation.ts'
import { eachInLocale } from '../../terminal/charset.ts'
import { sharesPicture } from '../../terminal/shares.ts'
import type { Weights } from '../../weights.ts'
import { counted, folded } from '../../wording.ts'
import { noticeOfActivation } from '../activation.ts'
import type { Predicted } from './predicted.ts'
import { pixelsAt, subjectAt } from './subjects.ts'
import { text, type TextOptions } from './text.ts'

const LISTED = 5 // hidden units

/**
 * Explains the only subject's prediction.
 * @param path the weights file, for messages
 * @param against the digit to compare with (default: the second most probable)
 * @throws Failure `usage` if that is the prediction itself, or the network is not one of ReLU
 */
function explained(
  { subjects, predictions: [digit] }: Predicted,
  { params, activation }: Pick<Weights, 'params' | 'activation'>,
  path: string,
  against?: number,
): Explanation {
  if (activation !== undefined) throw new Failure('usage', `--explain needs ReLU, unlike the network of ${path}`)
  const unlike = noticeOfActivation(path)
  if (unlike !== undefined) throw new Failure('usage', `--explain: ${unlike}`)
  if (against === digit) {
    throw new Failure('usage', `--against ${against}: that is the prediction; name another digit, or omit --against`)
  }
  return explain(params, pixelsAt(subjects, 0), digit, against)
}

/** How to print an explanation. */
export interface ExplainedOptions extends TextOptions {
  /** The names of the data. */
  data: string
  weights: string
  json: boolean
  against?: number | undefined
}

/**
 * Prints the only subject's prediction and why: as text, or as JSON, schema mnist-explain/1.
 * @throws Failure as `explained` does
 */
export async function printExplained(
  found: Predicted,
  network: Pick<Weights, 'params' | 'activation'>,
  { data, weights, json, against, ...show }: ExplainedOptions,
): Promise<Ending> {
  const explanation = explained(found, network, weights, against)
  const { subjects } = found
  if (json) {
    const { name, label } = subjectAt(subjects, 0)
    printJson({
      schema: 'mnist-explain/1',
      [subjects.kind]: name,
      ...(subjects.kind === 'index' && { data }),
      ...(label !== undefined && { label }),
      ...explanation,
      pixels: Array.from(explanation.pixels),
    })
    return 'done'
  }
  await printAll(eachInLocale(text(found, { ...show, picture: false })))
  printText(`\n${explanationText(explanation, network.params.W1.shape[0], show)}\n`)
  return 'done'
}

/**
 * The difference, the pixels for and against, and the hidden units that carried it.
 * @param hidden the network's hidden units
 */
function explanationText(explanation: Explanation, hidden: number, options: TextOptions): string {
  const { digit, against, difference, pixels, constant, units, bias } = explanation
  const { picture = true, colour, width = 80 } = options
  const total = (isCounted: (share: number) => boolean) => sum(Array.from(pixels).filter(isCounted))
  const [first, rest] = [units.slice(0, LISTED), units.slice(LISTED)]
  const active = `${units.length} of ${counted(hidden, 'hidden unit')}`
  const paragraph = (text: string) => folded(text, width)
  return [
    ...paragraph(
      `Why ${digit} rather than ${against}? Z2[${digit}] - Z2[${against}] = ${difference.toFixed(6)}, so ${digit} is ${times(difference)} as probable.`,
    ),
    ...(picture ? ['', sharesPicture(pixels, colour, options.width), ''] : []),
    `# +  ink for ${digit}      ${number(total((share) => share > 0))}`,
    `= -  ink for ${against}      ${number(total((share) => share < 0))}`,
    `     constant       ${number(constant)}`,
    `     difference     ${number(difference)}`,
    '',
    ...paragraph(
      `Counted from blank paper: paper has no share, and the constant is what is left without ink. Exact while the same ${active} are active.`,
    ),
    '',
    ...first.map(({ unit, share }) => `     unit ${String(unit).padEnd(9)} ${number(share)}`),
    ...(rest.length > 0 ? [`     ${counted(rest.length, 'other').padEnd(14)} ${number(shareOf(rest))}`] : []),
    `     b2             ${number(bias)}`,
    `     difference     ${number(difference)}`,
  ].join('\n')
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

function shareOf(units: UnitShare[]): number {
  return sum(units.map(({ share }) => share))
}

function number(value: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(6)}`.padStart(12)
}

/** How many times as probable a digit is whose logit is so much greater: "24.9 times". */
function times(difference: number): string {
  const factor = Math.exp(difference)
  return factor < 1e6 ? `${factor < 100 ? factor.toPrecision(3) : Math.round(factor)} times` : 'over a million times'
}
