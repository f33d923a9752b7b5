/** Debian's Chromium, driven by playwright-core. Tests that need it are skipped if it is not installed. */
import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'

export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
)

/** What a test's title says if it is skipped. */
export const SKIPPED = CHROMIUM === undefined ? ' (skipped: chromium is not installed)' : ''

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox'] }) // which root needs
}

/** A page from disk, and what must not happen on it. */
export interface Opened {
  page: Page
  /** Console messages, uncaught errors, dialogs and requests, the page's own aside. */
  incidents: string[]
}

/** Opens a file. */
export async function openFile(browser: Browser, path: string, options: BrowserContextOptions = {}): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  const page = await context.newPage()
  const { href } = pathToFileURL(path)
  const incidents: string[] = []
  page.on('console', (message) => incidents.push(`console: ${message.text()}`))
  page.on('pageerror', (error) => incidents.push(`error: ${String(error)}`))
  page.on('dialog', (dialog) => {
    incidents.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', (request) => {
    if (request.url() !== href && !request.url().startsWith('blob:')) incidents.push(`request: ${request.url()}`)
  })
  await page.goto(href)
  return { page, incidents }
}
