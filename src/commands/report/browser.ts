/** Opens a page. */
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import type { Progress } from '../../terminal/progress.ts'
import { escaped } from '../../wording.ts'

/** Opens a file in the user's browser, and says so if it cannot. */
export async function openInBrowser(path: string, bar: Progress): Promise<void> {
  const [program, ...args] = { darwin: ['open'], win32: ['explorer.exe'] }[String(process.platform)] ?? ['xdg-open']
  const isStarted = await new Promise<boolean>((done) => {
    const child = spawn(program, [...args, resolve(path)], { detached: true, stdio: 'ignore' })
    child.once('error', () => done(false))
    child.once('spawn', () => {
      child.unref()
      done(true)
    })
  })
  if (!isStarted) bar.notice(`${program} not found; open ${escaped(path)} in a browser`)
}
