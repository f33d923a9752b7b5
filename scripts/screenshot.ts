/**
 * Takes the README's screenshot, scripts/report.png: the pad of a page of mnist-report with a digit drawn on it.
 * `npx tsx scripts/screenshot.ts report.html`
 */
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'

const [page = 'report.html', chromiumPath = '/usr/bin/chromium'] = process.argv.slice(2)

/** Part of an ellipse around (x, y), from 0 to 1 of the pad; angles in quarter turns from the right, clockwise. */
function arc(x: number, y: number, width: number, height: number, from: number, to: number): number[][] {
  const angles = Array.from({ length: 24 }, (_, i) => ((from + ((to - from) * i) / 23) * Math.PI) / 2)
  return angles.map((angle) => [x + width * Math.cos(angle), y + height * Math.sin(angle)])
}

/** A three. */
const THREE = [...arc(0.47, 0.32, 0.18, 0.15, -1.7, 1), ...arc(0.46, 0.66, 0.21, 0.19, -1, 1.75)]

const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] })
const tab = await browser.newPage({ viewport: { width: 1120, height: 900 }, colorScheme: 'light' })
await tab.goto(pathToFileURL(page).href)
const pad = tab.locator('#pad')
await pad.scrollIntoViewIfNeeded()
const box = await pad.boundingBox()
if (!box) throw new Error(`${page} has no pad`)
const move = ([x, y]: number[]) => tab.mouse.move(box.x + x * box.width, box.y + y * box.height)
await move(THREE[0])
await tab.mouse.down()
for (const point of THREE) await move(point)
await tab.mouse.up()
await tab.mouse.move(0, 0)
await tab.locator('#verdict').getByText('Reads as').waitFor()
await tab.locator('.top').evaluate((header) => header.remove())
await tab.locator('#draw').screenshot({ path: 'scripts/report.png' })
await browser.close()
