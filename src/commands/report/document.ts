/** The page: its head, its sections, and the data for its script. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { toJson } from '../../cli/print.ts'
import { pixelsOf, type Digits, type DigitsRecord } from '../../digits.ts'
import { generate } from '../../digits/generate.ts'
import { encodeNumbers, packPixels } from '../../page/encoding.ts'
import { html, Markup } from '../../page/html.ts'
import type { MistakeData, ReportData, SampleData } from '../../page/report-data.ts'
import type { Measured, Trained } from '../evaluate/measured.ts'
import { rowOf } from '../runs/table.ts'
import { changeOf } from './change.ts'
import { curvesSection } from './curves-section.ts'
import { drawSection, lessonSection } from './draw-section.ts'
import { mistakesSection } from './mistakes-section.ts'
import { runSection } from './run-section.ts'
import { unitsSection } from './units-section.ts'

/** How every page begins. */
export const PAGE_START = '<!doctype html><!-- mnist-report/1 -->\n'

/** Networks measured on digits. */
export interface Evaluated {
  /** `ranked`; the first is shown in detail. */
  networks: Measured[]
  digits: Digits
  data: DigitsRecord
}

/** A run as the sections use it. */
export type ShownRun = Trained & { row: ReturnType<typeof rowOf>; summary: Parameters<typeof rowOf>[1] }

const SAMPLES = 200 // digits to choose samples from
const SAMPLES_SEED = 3

/** The text of the page. The same networks and digits give the same text. */
export function pageOf(networks: Trained[], evaluated?: Evaluated): string {
  const runs = inOrder(networks, evaluated).map((network): ShownRun => {
    const summary = { hidden: network.weights.params.W1.shape[0], ...network.weights }
    return { ...network, summary, row: rowOf(network.file, summary) }
  })
  const [shown] = runs
  const script = bundled('#page-script')
  const hash = createHash('sha256').update(script).digest('base64')
  const policy = `default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'`
  const change = changeOf(shown.weights)
  const title = networks.length > 1 ? `${networks.length} runs` : shown.file
  const sections = [
    { id: 'run', name: networks.length > 1 ? 'Runs' : 'Run', content: runSection(runs, shown, evaluated) },
    { id: 'curves', name: 'Curves', content: curvesSection(runs, shown) },
    { id: 'units', name: 'Units', content: unitsSection(shown, change !== undefined) },
    ...(evaluated ? [{ id: 'mistakes', name: 'Mistakes', content: mistakesSection(evaluated) }] : []),
    { id: 'draw', name: 'Draw', content: drawSection(shown), kind: 'live' },
    { id: 'lesson', name: 'Lesson', content: lessonSection(), kind: 'live' },
  ]
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta http-equiv="Content-Security-Policy" content="${policy}" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="generator" content="mnist-report" />
      <title>${title} – MNIST from scratch</title>
      <style>
        ${new Markup(bundled('#page-style'))}
      </style>
    </head>
    <body>
      <a class="skip" href="#run">Skip to the content</a>
      <header class="top">
        <div class="brand"><span>MNIST from scratch</span> <b>${title}</b></div>
        <nav aria-label="Sections">
          ${sections.map(({ id, name, kind }) => html`<a href="#${id}" class="${kind}">${name}</a>`)}
        </nav>
      </header>
      <main>
        <noscript
          ><p class="notice">
            Without JavaScript, the page shows the run, the curves and the tables; the pictures, the pad and the lesson
            need it.
          </p></noscript
        >
        ${sections.map(({ id, content, kind }) => html`<section id="${id}" class="${kind}" aria-labelledby="${id}-title">${content}</section> `)}
      </main>
      <footer>Written by mnist-report. The page is one file and loads nothing.</footer>
      <script type="application/json" id="data">
        ${jsonOf(runs, shown, change, evaluated)}
      </script>
      ${new Markup(`<script type="module">${script}</script>`)}
    </body>
  </html> `
  return PAGE_START + page.text
}

/** The best first: the most accurate on the data, else on the held-out digits, else, if not all have any, in training. */
function inOrder(networks: Trained[], evaluated?: Evaluated): Trained[] {
  if (evaluated) return evaluated.networks
  const isDev = networks.every(({ weights }) => weights.result.devAccuracy !== undefined)
  const accuracy = ({ weights: { result } }: Trained) => result[isDev ? 'devAccuracy' : 'trainAccuracy'] ?? 0
  return networks.toSorted((a, b) => accuracy(b) - accuracy(a))
}

/** A file that npm run build bundled for the page. It cannot end the element that it is in. */
function bundled(name: string): string {
  const text = readFileSync(createRequire(import.meta.url).resolve(name), 'utf8').trim()
  if (/<\/(script|style)|<!--/i.test(text)) throw new Error(`${name} contains the end of an HTML element`)
  return text
}

/** The data for the script: JSON in which no "<" can begin an element. */
function jsonOf(runs: ShownRun[], { weights }: ShownRun, change: ReportData['change'], evaluated?: Evaluated): Markup {
  const { W1, b1, W2, b2 } = weights.params
  const data: ReportData = {
    hidden: W1.shape[0],
    params: {
      W1: encodeNumbers(W1.data),
      b1: encodeNumbers(b1.data),
      W2: encodeNumbers(W2.data),
      b2: encodeNumbers(b2.data),
    },
    change,
    runs: runs.map(({ file, weights: { history } }) => ({ name: file, history })),
    samples: samplesOf(evaluated?.digits ?? generate(SAMPLES, SAMPLES_SEED)),
    mistakes: evaluated ? mistakesOf(evaluated) : [],
  }
  return new Markup(toJson(data).replaceAll('<', '\\u003c'))
}

function mistakesOf({ networks: [{ mistakes }], digits }: Evaluated): MistakeData[] {
  return mistakes.map(({ index, label, prediction, probabilityOfLabel, probabilityOfPrediction }) => {
    const pixels = packPixels(pixelsOf(digits, index))
    return { index, label, prediction, probabilityOfLabel, probabilityOfPrediction, pixels }
  })
}

/** The first digit of each label. */
function samplesOf(digits: Digits): SampleData[] {
  return Array.from({ length: 10 }, (_, label) => ({ label, row: digits.labels.indexOf(label) }))
    .filter(({ row }) => row !== -1)
    .map(({ label, row }) => ({ label, pixels: packPixels(pixelsOf(digits, row)) }))
}
