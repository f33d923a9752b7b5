/** The page in a real browser, opened from disk. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import axe, { type RunOptions } from 'axe-core'
import type { Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { digitsFrom, pixelsOf, toMatrix } from '../../src/digits.ts'
import { generate } from '../../src/digits/generate.ts'
import { forwardProp } from '../../src/network.ts'
import { unpackPixels } from '../../src/page/encoding.ts'
import { prepare } from '../../src/picture/prepare.ts'
import { readPicture } from '../../src/picture-file.ts'
import { load, type Weights } from '../../src/weights.ts'
import { CHROMIUM, SKIPPED, startChromium, type Screen } from '../support/chromium.ts'
import { csvOf } from '../support/csv.ts'
import { newFolder } from '../support/folder.ts'
import { runInProcess as run } from '../support/in-process.ts'
import { isLong } from '../support/long.ts'

const cwd = newFolder()
const at = (name: string) => join(cwd, name)
const digits = generate(400, 7)

/** A name that would end an element or an attribute, act, or reorder text, if it were not taken as text. */
const HOSTILE = '<!--<script>alert(1)</script><img src=x onerror=alert(2)>"\'&amp;\u001b[31m\u202e'

let screen: Screen
let page: Page
let weights: Weights

/** Opens a page of the folder, in a window of this size. */
async function open(name: string, width = 1280): Promise<void> {
  await page.setViewportSize({ width, height: 900 })
  await screen.open(at(name))
}

/** Writes a page, and checks that the command succeeds. */
async function report(...args: string[]): Promise<void> {
  expect(await run('mnist-report', [...args, '--quiet'], { cwd })).toEqual({ code: 0, stdout: '', stderr: '' })
}

describe.skipIf(!CHROMIUM)(`the page of mnist-report${SKIPPED}`, () => {
  beforeAll(async () => {
    const starting = startChromium()
    writeFileSync(at('new.csv'), csvOf(digits))
    writeFileSync(at('old.csv'), csvOf(generate(600, 6)))
    const options = ['--data', 'old.csv', '--dev', '100', '--iters', '120', '--log-every', '7']
    await run('mnist-train', [...options, '--out', 'run.json'], { cwd })
    await run('mnist-train', [...options, '--seed', '1', '--out', 'seed-1.json'], { cwd })
    await run('mnist-train', ['--data', 'old.csv', '--dev', '100', '--iters', '3', '--hidden', '45', '--test', 'new.csv', '--out', 'wide.json'], { cwd }) // prettier-ignore
    weights = await load(at('run.json'))
    await report('run.json', '--data', 'new.csv', '--out', 'one.html')
    await report('run.json', 'seed-1.json', '--data', 'new.csv', '--out', 'two.html')
    await report('wide.json', '--data', 'new.csv', '--mistakes', '1', '--out', 'wide.html')
    await report('run.json', 'wide.json', '--out', 'mixed.html')
    screen = await starting
    page = screen.page
  }, 60_000)
  afterAll(() => screen?.close())

  afterEach(() => {
    expect(screen.incidents, 'console messages, errors, dialogs and requests').toEqual([])
  })

  test('a digit drawn by pointer is read exactly as mnist-predict reads the same picture', async () => {
    await open('one.html')
    await draw(SEVEN)
    await expectRead()
  })

  test('a digit drawn by finger is read; drawing does not scroll, and a stroke that the system takes over is none', async () => {
    await open('one.html', 400)
    const box = await boxOf(page.locator('#pad'))
    const client = await page.context().newCDPSession(page)
    const before = await page.evaluate(() => globalThis.scrollY)
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd' | 'touchCancel', points: number[][]) => {
      const touchPoints = points.map(([x, y]) => ({ x: box.x + x * box.width, y: box.y + y * box.height }))
      return client.send('Input.dispatchTouchEvent', { type, touchPoints })
    }
    await touch('touchStart', [SEVEN[0]])
    for (const point of SEVEN.slice(1)) await touch('touchMove', [point])
    await touch('touchEnd', [])
    expect(await page.evaluate(() => globalThis.scrollY)).toBe(before)
    await drawn()
    const seen = [...(await seenBy())]
    await touch('touchStart', [[0.2, 0.9]])
    await touch('touchMove', [[0.8, 0.9]])
    await expect.poll(async () => [...(await seenBy())]).not.toEqual(seen)
    await touch('touchCancel', [])
    await expect.poll(async () => [...(await seenBy())]).toEqual(seen)
    await expectRead()
  })

  test('undo, clear and the width of the pen act on what the network sees', async () => {
    await open('one.html')
    const ink = async () => (await seenBy()).reduce((sum, pixel) => sum + pixel, 0)
    await page.locator('#clear').click()
    await expect.poll(ink).toBe(0)
    expect(await page.locator('#verdict').textContent()).toBe('Draw a digit')
    expect(await page.locator('#evidence-caption').textContent()).toBe('Which pixels spoke for and against')
    expect(await page.locator('#clear').isDisabled()).toBe(true)
    await page.locator('#pen').fill('4')
    await draw(ONE)
    const thin = await ink()
    await page.locator('#undo').click()
    await expect.poll(ink).toBe(0)
    await page.locator('#pen').fill('14')
    await draw(ONE)
    expect(await ink()).toBeGreaterThan(1.3 * thin)
    await page.keyboard.press('Control+z')
    await expect.poll(ink).toBe(0)
    await page.locator('#undo').click()
    await expect.poll(ink).toBeGreaterThan(0) // the sample that the page begins with
    expect(await page.locator('#undo').isDisabled()).toBe(true)
    expect(await page.locator('#clear').isDisabled()).toBe(false)
  })

  test('a stroke takes the place of a sample, a second shape is warned of, and other buttons do not draw', async () => {
    await open('one.html')
    await drawn()
    const sample = page.locator('#samples button').first()
    expect(await sample.getAttribute('aria-pressed')).toBe('true')
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#save').click()])
    await download.saveAs(at('sample.png'))
    expect([...prepare(await readPicture(at('sample.png'))).pixels]).toEqual([...(await seenBy())])

    await draw(ONE.map(([x, y]) => [x - 0.25, y]))
    expect(await sample.getAttribute('aria-pressed')).toBe('false')
    expect(await page.locator('#warning').isVisible()).toBe(false)
    await page.locator('#pen').fill('10')
    await draw(ONE.map(([x, y]) => [x + 0.25, y]))
    expect(await wordsOf(page.locator('#warning'))).toBe('There are several shapes; draw one digit.')
    expect(await page.locator('#warning').isVisible()).toBe(true)
    const before = [...(await seenBy())]
    await page.locator('#pad').click({ button: 'right' })
    await drawn()
    expect([...(await seenBy())]).toEqual(before)
  })

  test('a sample digit chosen by keyboard is read by the lesson, number by number', async () => {
    await open('one.html')
    const sample = page.getByRole('button', { name: 'Sample: 4' })
    await sample.focus()
    await page.keyboard.press('Enter')
    await expect.poll(() => sample.getAttribute('aria-pressed')).toBe('true')
    const row = digits.labels.indexOf(4)
    await expect.poll(async () => [...(await seenBy())]).toEqual([...pixelsOf(digits, row)])
    const layers = forwardProp(weights.params, toMatrix(digitsFrom(pixelsOf(digits, row), new Uint8Array())))
    for (const name of ['Z1', 'A1', 'Z2', 'A2'] as const) {
      const cells = await valuesOf(page.locator(`#${name} td`))
      expectEqual(cells, [...layers[name].data])
    }
    const { A1, Z2, A2 } = layers
    const [first, second] = Array.from(A2.data.keys()).toSorted((i, j) => A2.data[j] - A2.data[i])
    expect(await page.locator('#probabilities tr.first th').allTextContents()).toEqual([String(first)])
    const widths = (place: string) => page.locator(`${place} .bar`).evaluateAll((all) => all.map((one) => parseFloat(one.style.width))) // prettier-ignore
    const expectWidths = async (place: string, shares: Iterable<number>) => {
      const wanted = Array.from(shares, (share) => expect.closeTo(100 * share, 2) as number)
      expect(await widths(place)).toEqual(wanted)
    }
    await expectWidths('#probabilities', A2.data)
    await expectWidths('#activity', A1.data.map((activity) => activity / Math.max(...A1.data))) // prettier-ignore
    expect(await wordsOf(page.locator('#evidence-caption'))).toBe(`spoke for ${first}, for ${second}, the next`)

    const sum = page.locator('#sum')
    const three = (value: number) => value.toFixed(3).replace('-', '−')
    await page.locator('#choices button').nth(3).click()
    expect(await wordsOf(sum)).toContain(`≈ ${three(Z2.get(3, 0))}`)
    const products = Array.from(A1.data, (activity, unit) => activity * weights.params.W2.get(3, unit)).filter((product) => product !== 0) // prettier-ignore
    const shown = await sum.locator('tbody tr:has(td:nth-child(3):not(:empty)) td:last-child').allTextContents()
    expect(shown).toEqual(products.toSorted((a, b) => Math.abs(b) - Math.abs(a)).map((product) => `≈ ${three(product)}`)) // prettier-ignore
    expect(await wordsOf(sum)).toContain(`Σ over ${pixelsOf(digits, row).filter((pixel) => pixel > 0).length} inked`)
  })

  test('of many units, the most active are listed first, and all are shown if one asks', async () => {
    await open('wide.html')
    await drawn()
    const numbers = page.locator('#activity td.number')
    const activities = (await numbers.allTextContents()).map(Number)
    expect(activities).toEqual(activities.toSorted((a, b) => b - a))
    expect([activities.length, activities[0] > 0]).toEqual([24, true])
    await page.locator('#more-units').click()
    expect([await page.locator('figure.unit').count(), await page.locator('#more-units').count()]).toEqual([45, 0])
  })

  test('pictures have the colours of the style sheet: ink and paper, for and against', async () => {
    await open('one.html')
    await drawn()
    const coloursOf = (canvas: string) =>
      page.evaluate((selector) => {
        const { width, height } = document.querySelector<HTMLCanvasElement>(selector)!
        const context = document.querySelector<HTMLCanvasElement>(selector)!.getContext('2d')!
        const { data } = context.getImageData(0, 0, width, height)
        return Array.from({ length: width * height }, (_, i) => [...data.subarray(4 * i, 4 * i + 3)].join())
      }, canvas)
    const named = (name: string) =>
      page.evaluate((name) => {
        const probe = document.body.appendChild(document.createElement('i'))
        probe.style.color = `var(${name})`
        return getComputedStyle(probe).color.replace(/[^\d,]/g, '')
      }, name)
    const seen = [...(await seenBy())]
    const ink = await coloursOf('#seen')
    expect(ink[seen.indexOf(0)]).toBe(await named('--paper'))
    expect(ink[seen.indexOf(255)]).toBe(await named('--ink'))
    for (const unit of [0, 7]) {
      const colours = await coloursOf(`[data-unit="${unit}"][data-view=weights]`)
      const W1 = [...weights.params.W1.data]
      const limit = W1.map(Math.abs).toSorted((a, b) => a - b)[Math.floor(0.995 * (W1.length - 1))]
      const row = W1.slice(784 * unit, 784 * unit + 784)
      const [low, high] = [Math.min(...row), Math.max(...row)]
      if (high >= limit) expect(colours[row.indexOf(high)]).toBe(await named('--for'))
      if (low <= -limit) expect(colours[row.indexOf(low)]).toBe(await named('--against'))
      expect(high >= limit || low <= -limit).toBe(true)
    }
    expect(await page.locator('#weights-low').textContent()).toMatch(/^−\d/)
  })

  test('the lesson writes out the sum of each output, says that its numbers are rounded, and subtracts what is negative', async () => {
    await open('one.html')
    const Z2 = await valuesOf(page.locator('#Z2 td'))
    const A2 = await valuesOf(page.locator('#A2 td'))
    const b2 = [...weights.params.b2.data]
    expect(b2.some((bias) => bias < 0)).toBe(true)
    for (const [output, z] of Z2.entries()) {
      await page.locator('#choices button').nth(output).click()
      const text = await wordsOf(page.locator('#sum'))
      expect(text).toContain(`b2[${output}] ${b2[output] < 0 ? '−' : '+'} ${Math.abs(b2[output]).toFixed(3)} `)
      expect(text).toContain(`Z2[${output}] ≈ ${z.toFixed(3).replace('-', '−')} `)
      expect(text).not.toMatch(/[+−] −|= −?\d/)
      const [, exp, sum, share] = /≈ (\S+) \/ (\S+) ≈ (\S+)$/.exec(text)!.map((part) => Number(part.replace('−', '-')))
      expect(share).toBeCloseTo(A2[output], 4)
      expect(Math.abs(exp / sum - share)).toBeLessThanOrEqual(1e-4)
    }
  })

  test('a cell of the confusion matrix opens its mistakes, the worst first', async () => {
    await open('one.html')
    const answers = await run('mnist-evaluate', ['run.json', '--data', 'new.csv', '--json', '--mistakes', '1000'], { cwd }) // prettier-ignore
    const found = JSON.parse(answers.stdout) as { confusion: number[][]; mistakes: { index: number; label: number; prediction: number }[] } // prettier-ignore
    const shown = () => page.locator('.mistake').evaluateAll((all) => all.map((one) => Number(one.dataset.index)))
    expect(await shown()).toEqual(found.mistakes.slice(0, 12).map(({ index }) => index))
    const cells = await page.locator('#confusion tbody td').allTextContents()
    expect(cells.map((text) => Number(text.trim() === '·' ? 0 : text))).toEqual(found.confusion.flat())
    const buttons = page.locator('#confusion button')
    for (const which of [0, 5]) {
      const button = buttons.nth(which)
      await button.click()
      const [label, prediction] = [await button.getAttribute('data-label'), await button.getAttribute('data-prediction')].map(Number) // prettier-ignore
      const wanted = found.mistakes.filter((one) => one.label === label && one.prediction === prediction)
      expect(await shown()).toEqual(wanted.slice(0, 20).map(({ index }) => index))
      expect(await page.locator('#gallery-title').textContent()).toContain(`${label} read as ${prediction}: ${found.confusion[label][prediction]}`) // prettier-ignore
    }
    const [index] = await shown()
    await page.locator('.mistake').first().click()
    await expect.poll(async () => [...(await seenBy())]).toEqual([...pixelsOf(digits, index)])
    const { label } = found.mistakes.find((one) => one.index === index)!
    await expect.poll(() => wordsOf(page.locator('#verdict'))).toMatch(`row ${index}, label ${label}`)
    await page.locator('#all-mistakes').click()
    expect(await shown()).toHaveLength(12)
    expect(await page.locator('#all-mistakes').isVisible()).toBe(false)

    const cell = (row: number, column: number) => page.locator(`#confusion [data-label="${row}"][data-prediction="${column}"]`) // prettier-ignore
    const [row] = found.confusion.map((counts, i) => counts.map((count, j) => (i !== j && count > 0 ? [i, j] : [])).filter(([i]) => i !== undefined)).filter((places) => places.length > 1) // prettier-ignore
    await cell(row[0][0], row[0][1]).focus()
    for (const [key, [i, j]] of [
      ['ArrowRight', row[1]],
      ['ArrowLeft', row[0]],
    ] as const) {
      await page.keyboard.press(key)
      expect(await cell(i, j).evaluate((one) => one === document.activeElement), key).toBe(true)
    }
  })

  test('a cell says how many of its mistakes are shown', async () => {
    await open('wide.html')
    const button = page.locator('#confusion button').first()
    const count = Number(await button.textContent())
    expect(count).toBeGreaterThan(1)
    await button.click()
    expect(await page.locator('#gallery-title').textContent()).toMatch(`: ${count} mistakes, the 1 worst`)
  })

  test('curves show the numbers of the file at the pointer, on arrow keys and in the table', async () => {
    await open('one.html')
    const { history } = weights
    const area = page.locator('.area').first()
    const box = await boxOf(area)
    const last = history.at(-1)!.iteration
    await area.hover({ position: { x: (box.width * history[3].iteration) / last, y: 50 } })
    const [loss, accuracy] = [page.locator('.tip').nth(0), page.locator('.tip').nth(1)]
    const percent = (share: number) => `${(100 * share).toFixed(2)} %`
    const expectShown = async (at: number) => {
      const entry = history[at]
      expect(await wordsOf(loss)).toBe(`iteration ${entry.iteration} loss ${entry.loss.toFixed(6)}`)
      const [held, training] = [percent(entry.devAccuracy!), percent(entry.accuracy)]
      expect(await wordsOf(accuracy)).toBe(`iteration ${entry.iteration} held-out ${held} training ${training}`)
    }
    await expectShown(3)
    await area.focus()
    await page.keyboard.press('ArrowRight')
    await expectShown(4)
    await page.keyboard.press('End')
    await expectShown(history.length - 1)
    const tip = await boxOf(loss) // on the left of the cursor, so that it is in the chart
    expect(tip.x + tip.width).toBeLessThanOrEqual(box.x + box.width)
    await page.keyboard.press('PageDown')
    await expectShown(history.length - 11)
    const between = (share: number) => history[5].iteration + share * (history[6].iteration - history[5].iteration)
    for (const [share, at] of [[0.3, 5], [0.7, 6]]) {
      await area.hover({ position: { x: (box.width * between(share)) / last, y: 50 } })
      await expectShown(at)
    } // prettier-ignore
    const top = Number(await page.locator('[data-chart=loss]').getAttribute('data-top'))
    const dot = page.locator('[data-chart=loss] .dot')
    expect(await dot.evaluate((one) => parseFloat(one.style.top))).toBeCloseTo(100 - (100 * history[6].loss) / top, 3)
    await page.mouse.move(0, 0)
    await page.keyboard.press('End')
    expect(await area.getAttribute('aria-valuetext')).toBe(`iteration ${last}: loss ${history.at(-1)!.loss.toFixed(6)}`)
    await page.locator('.values summary').click()
    const wanted = history.flatMap(({ loss, accuracy, devAccuracy }) => [loss, accuracy, devAccuracy!])
    const cells = page.locator('#values td') // made when the browser reports that they are shown
    await expect.poll(() => cells.allTextContents()).toEqual(wanted.map((value) => value.toFixed(6)))
  })

  test('everything is reachable by keyboard', async () => {
    await open('one.html')
    await page.locator('summary').evaluateAll((all) => all.forEach((one) => (one as HTMLElement).click()))
    const count = await page.evaluate(() => {
      const all = document.querySelectorAll<HTMLElement>('a, button, summary, input, select, [tabindex]')
      const stops = [...all].filter((one) => one.tabIndex >= 0 && !one.matches(':disabled') && one.checkVisibility())
      stops.forEach((one, i) => (one.dataset.stop = String(i)))
      return stops.length
    })
    expect(count).toBeGreaterThan(40)
    await page.evaluate(() => {
      document.addEventListener('focusin', ({ target }) => ((target as HTMLElement).dataset.isReached = 'yes'))
    })
    for (let i = 0; i < count + 5; i++) await page.keyboard.press('Tab')
    const stops = await page.locator('[data-is-reached]').evaluateAll((all) => all.map((one) => one.dataset.stop))
    const reached = new Set(stops)
    const wanted = Array.from({ length: count }, (_, i) => String(i))
    expect(wanted.filter((stop) => !reached.has(stop))).toEqual([])
    await page.locator('#confusion button[tabindex="0"]').focus() // one stop for all cells, between which arrow keys move
    const cells = new Set<string>()
    for (const key of ['ArrowRight', 'ArrowDown', 'ArrowLeft', 'ArrowUp', 'ArrowDown']) {
      await page.keyboard.press(key)
      cells.add(await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? ''))
    }
    expect(cells.size).toBeGreaterThan(2)
  })

  test.each([
    ['nothing serious in the light page', 'light', {}],
    [
      'no colours hard to read in the dark page',
      'dark',
      isLong ? {} : { runOnly: ['color-contrast', 'link-in-text-block'] },
    ], // which differs in nothing else
  ] as const)('axe finds %s', async (_, colorScheme, options) => {
    await page.emulateMedia({ colorScheme })
    await open('two.html')
    await page.locator('summary').evaluateAll((all) => all.forEach((one) => (one as HTMLElement).click()))
    await page.locator('#confusion button').first().click()
    await page.evaluate(axe.source)
    const violations = await page.evaluate(async (options) => {
      const { run } = (globalThis as unknown as { axe: typeof axe }).axe
      return (await run({ ...options, resultTypes: ['violations'] } as RunOptions)).violations
    }, options)
    const found = violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.slice(0, 3).map(({ html }) => html.slice(0, 120)).join(' | ')}`) // prettier-ignore
    expect(found).toEqual([])
  })

  test.each([16, 24, 32])('fits 360 and 1600 pixels in a browser whose text is %d pixels', async (size) => {
    const client = await page.context().newCDPSession(page)
    await client.send('Page.setFontSizes', { fontSizes: { standard: size } })
    const found: number[][] = []
    for (const width of [360, 1600]) {
      await open('one.html', width)
      await page
        .locator('.area')
        .last()
        .hover({ position: { x: 20, y: 50 } }) // values appear beside the pointer
      const text = await page.evaluate(() => parseFloat(getComputedStyle(document.body).fontSize))
      found.push([text, await page.evaluate(() => document.documentElement.scrollWidth)])
      expect((await boxOf(page.locator('#pad'))).width).toBeGreaterThan(250)
    }
    await client.detach() // which resets the size
    expect(found).toEqual([[size, 360], [size, 1600]]) // prettier-ignore
  })

  test('prints the whole table of several runs on a sheet of A4', async () => {
    const options = [
      '--batch',
      '50',
      '--momentum',
      '0.9',
      '--decay',
      'linear',
      '--init-scale',
      'he',
      '--test',
      'new.csv',
    ]
    await run(
      'mnist-train',
      ['--data', 'old.csv', '--dev', '100', '--iters', '2', ...options, '--out', 'options.json'],
      { cwd },
    )
    await report('run.json', 'options.json', '--data', 'new.csv', '--out', 'wide.html')
    await open('wide.html', 718) // 210 mm without margins of 1 cm
    await page.emulateMedia({ media: 'print' })
    const cells = page.locator('#run th, #run td')
    const ends = await cells.evaluateAll((all) => all.map((one) => one.getBoundingClientRect().right))
    await page.emulateMedia({ media: null })
    expect(ends.length).toBeGreaterThan(50)
    expect(Math.max(...ends)).toBeLessThanOrEqual(718)
  })

  test('without scripts shows nothing that only they fill, and says so', async () => {
    const context = await page.context().browser()!.newContext({ javaScriptEnabled: false })
    const still = await context.newPage()
    await still.goto(pathToFileURL(at('two.html')).href)
    const texts = (selector: string) => still.locator(selector).filter({ visible: true }).allInnerTexts()
    expect(await texts('.notice')).toEqual(['Without JavaScript, the page shows the run, the curves and the tables; the pictures, the pad and the lesson need it.']) // prettier-ignore
    expect(await texts('nav a')).toEqual(['Runs', 'Curves', 'Units', 'Mistakes'])
    expect(await texts('canvas, .bar, input, #draw, #lesson, #gallery-title, .values')).toEqual([])
    expect(await texts('.curve, .confusion, .sortable, .unit svg')).not.toEqual([])
    await context.close()
  })

  test('shows hostile names as text, and its policy stops scripts and requests', async () => {
    const text = readFileSync(at('run.json'), 'utf8')
    writeFileSync(at('<img src=x onerror=alert(3)>"\'.json'), text.replace('"old.csv"', JSON.stringify(HOSTILE)))
    await report('<img src=x onerror=alert(3)>"\'.json', '--data', 'new.csv', '--out', 'hostile.html')
    await open('hostile.html')
    expect(await page.locator('h1').textContent()).toBe('<img src=x onerror=alert(3)>"\'.json')
    const shown = HOSTILE.replace('\u001b', '\\u001b').replace('\u202e', '\\u202e')
    expect(await page.locator('#run').textContent()).toContain(shown)
    expect(await page.locator('img').count()).toBe(0)
    expect(await page.locator('#draw-title').count()).toBe(1)

    const { incidents } = screen
    const stopped = await page.evaluate(async () => {
      document.body.append(Object.assign(document.createElement('script'), { textContent: 'document.title = "ran"' }))
      const answer = await fetch('https://example.org/').catch(() => 'refused')
      return [document.title === 'ran', answer]
    })
    expect(stopped).toEqual([false, 'refused'])
    expect(incidents.filter((text) => !/Content Security Policy/.test(text))).toEqual([])
    incidents.length = 0
  })

  test('overlays the curves of several runs, and sorts their table', async () => {
    await open('two.html')
    expect(await page.locator('[data-chart=accuracy] .curve').count()).toBe(2)
    const names = page.locator('.sortable tbody th button')
    const sort = (name: string) => page.locator('.sortable thead button').getByText(name, { exact: true }).click()
    await sort('seed')
    expect(await names.allTextContents()).toEqual(['seed-1.json', 'run.json'])
    await sort('seed')
    expect(await names.allTextContents()).toEqual(['run.json', 'seed-1.json'])
    await sort('iterations')
    expect(await page.locator('.sortable [aria-sort]').count()).toBe(1)
    await sort('seed')
    await sort('seed')
    await page.locator('.area').first().focus()
    const tip = await wordsOf(page.locator('.tip').first())
    for (const name of ['run.json', 'seed-1.json']) expect(tip).toContain(`${name} `)
    await page.locator('#values-run').evaluate((one) => one.closest('details')!.toggleAttribute('open'))
    const losses = () => page.locator('#values td:nth-of-type(1)').allTextContents()
    const rows = (file: Weights) => file.history.map(({ loss }) => loss.toFixed(6))
    for (const name of ['seed-1.json', 'run.json']) {
      await page.locator('#values-run').selectOption({ label: name })
      await expect.poll(losses).toEqual(rows(await load(at(name))))
    }
    await page.locator('tr[data-run]').nth(1).hover()
    expect(await page.locator('.curve.highlight').count()).toBe(2)
    await page.mouse.move(0, 0)
    expect(await page.locator('.curve.highlight').count()).toBe(0)
    await names.nth(1).click()
    await page.mouse.move(0, 0)
    expect(await page.locator('.curve.highlight').count()).toBe(2)
    await page.locator('.area').first().focus()
    const other = await load(at('seed-1.json'))
    expect(await wordsOf(page.locator('.tip').first())).toContain(`seed-1.json ${other.history.at(-1)!.loss.toFixed(6)}`) // prettier-ignore
    await names.nth(1).click()
    await page.mouse.move(0, 0)
    expect(await page.locator('.curve.highlight').count()).toBe(0)
  })

  test('a run without a value stands last, however its table is sorted', async () => {
    await open('mixed.html')
    for (const _ of ['descending', 'ascending']) {
      await page.locator('.sortable thead button').getByText('testAccuracy', { exact: true }).click()
      expect(await page.locator('.sortable tbody th button').allTextContents()).toEqual(['wide.json', 'run.json'])
    }
  })

  test('sorts p-values as numbers, “< 1e-300” as the smallest', async () => {
    writeFileSync(at('many.csv'), csvOf(digits).repeat(6))
    writeFileSync(at('wrong.json'), readFileSync(at('run.json'), 'utf8').replace(/"b2": \[[^,]*/, '"b2": [1e9'))
    await report('run.json', 'seed-1.json', 'wrong.json', '--data', 'many.csv', '--out', 'three.html')
    await open('three.html')
    const ps = () => page.locator('.sortable tbody td:nth-child(4)').allTextContents()
    const sort = page.locator('.sortable thead button').getByText('p', { exact: true })
    await sort.click()
    const falling = await ps()
    expect(falling).toEqual([expect.stringMatching(/^\d/), '< 1e-300', 'best'])
    await sort.click()
    expect(await ps()).toEqual([falling[1], falling[0], 'best'])
  })

  test('a hundred runs open in less than two seconds', async () => {
    const files = Array.from({ length: 100 }, (_, i) => `run-${i}.json`)
    const text = readFileSync(at('run.json'), 'utf8')
    const lines = Array.from({ length: 100 }, (_, i) => JSON.stringify({ iteration: 5 * i, loss: 2 / (i + 1), accuracy: i / 100, devAccuracy: i / 101 })) // prettier-ignore
    const long = text.replace(/"history": \[[^]*?\n {2}\]/, `"history": [${lines.join(',\n')}]`).replace('"iterations":120,', '"iterations":500,').replace('"iterations":120,', '"iterations":500,') // prettier-ignore
    files.forEach((file, i) => writeFileSync(at(file), long.replace('"seed":0', `"seed":${i}`)))
    await report(...files, '--out', 'hundred.html')
    await open('hundred.html')
    expect(await page.locator('.curve').count()).toBe(200)
    const loaded = () => page.evaluate(() => (performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming).loadEventEnd) // prettier-ignore
    const times = [await loaded()]
    if (times[0] >= 2000) {
      await open('hundred.html') // once more: other work on this machine may have disturbed the first
      times.push(await loaded())
    }
    expect(Math.min(...times)).toBeLessThan(2000)
  })
})

/** A one and a seven, from 0 to 1 of the pad. */
const ONE = [[0.5, 0.2], [0.45, 0.8]] // prettier-ignore
const SEVEN = [[0.28, 0.25], [0.5, 0.24], [0.7, 0.25], [0.58, 0.5], [0.45, 0.8]] // prettier-ignore

async function boxOf(place: Locator) {
  await place.scrollIntoViewIfNeeded()
  return (await place.boundingBox())!
}

/** Draws one stroke with the mouse, and waits until the network has seen it. */
async function draw(points: number[][]): Promise<void> {
  const before = [...(await seenBy())]
  const box = await boxOf(page.locator('#pad'))
  const move = ([x, y]: number[]) => page.mouse.move(box.x + x * box.width, box.y + y * box.height)
  await move(points[0])
  await page.mouse.down()
  for (const point of points.slice(1)) await move(point)
  await page.mouse.up()
  await expect.poll(async () => [...(await seenBy())]).not.toEqual(before)
  await drawn()
}

/** Waits until everything drawn so far is shown. */
async function drawn(): Promise<void> {
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
}

/** The 784 bytes that the network sees. */
async function seenBy(): Promise<Uint8Array> {
  return unpackPixels((await page.locator('#seen').getAttribute('data-pixels'))!)
}

/** The text of an element, blanks and line breaks taken together. */
async function wordsOf(place: Locator): Promise<string> {
  return (await place.innerText()).trim().replace(/\s+/g, ' ')
}

async function valuesOf(place: Locator): Promise<number[]> {
  return (await place.evaluateAll((all) => all.map((one) => one.dataset.value ?? ''))).map(Number)
}

/** Expects numbers that are equal to 1e-12. */
function expectEqual(actual: number[], expected: number[]): void {
  expect(actual).toHaveLength(expected.length)
  actual.forEach((value, i) => expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(1e-12))
}

/** Expects that mnist-predict reads what the page sees, and the PNG that it saves, as the page does. */
async function expectRead(): Promise<void> {
  const pixels = await seenBy()
  const probabilities = await valuesOf(page.locator('#probabilities tr'))
  writeFileSync(at('drawn.csv'), `${['7', ...pixels].join(',')}\n`)
  const { stdout } = await run('mnist-predict', ['--weights', 'run.json', '--data', 'drawn.csv', '--index', '0', '--json', '--quiet'], { cwd }) // prettier-ignore
  const predicted = JSON.parse(stdout) as { prediction: number; probabilities: number[] }
  expectEqual(probabilities, predicted.probabilities)
  expect(await wordsOf(page.locator('#verdict'))).toBe(`Reads as ${predicted.prediction}`)
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#save').click()])
  await download.saveAs(at('digit.png'))
  expect([...prepare(await readPicture(at('digit.png'))).pixels]).toEqual([...pixels])
}
