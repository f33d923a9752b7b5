/** Debian's Chromium, driven by playwright-core. Tests that need it are skipped if it is not installed. */
import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { chromium, type Page } from 'playwright-core'

export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
)

/** What a test's title says if it is skipped. */
export const SKIPPED = CHROMIUM === undefined ? ' (skipped: chromium is not installed)' : ''

/** A browser with one page, on which files are opened one after the other. */
export interface Screen {
  page: Page
  /** Console messages, uncaught errors, dialogs and requests since the last file was opened, its own aside. */
  incidents: string[]
  /** Opens a file. */
  open(path: string): Promise<void>
  close(): Promise<void>
}

/** Starts the browser. The page has a mouse and a touch screen. */
export async function startChromium(): Promise<Screen> {
  const browser = await chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox'] }) // which root needs
  const page = await browser.newPage({ hasTouch: true })
  const incidents: string[] = []
  let href = ''
  page.on('console', (message) => incidents.push(`console: ${message.text()}`))
  page.on('pageerror', (error) => incidents.push(`error: ${String(error)}`))
  page.on('dialog', (dialog) => {
    incidents.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', (request) => {
    if (request.url() !== href && !request.url().startsWith('blob:')) incidents.push(`request: ${request.url()}`)
  })
  return {
    page,
    incidents,
    async open(path) {
      href = pathToFileURL(path).href
      incidents.length = 0
      await page.goto(href)
    },
    close: () => browser.close(),
  }
}
