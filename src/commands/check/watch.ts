/** When to check again. */
import { unwatchFile, watchFile } from 'node:fs'

/** Milliseconds between looks at the file: notifications of changes are lost in containers and on network drives. */
const INTERVAL = 200

/** Yields at once, and again whenever a file has been saved or Enter is pressed. */
export async function* changes(path: string): AsyncGenerator<undefined, void> {
  let wake = () => {}
  let isChanged = true
  const onChange = () => {
    isChanged = true
    wake()
  }
  watchFile(path, { interval: INTERVAL }, onChange)
  process.stdin.on('data', onChange)
  process.stdin.on('error', () => {}) // closed: saving is enough
  try {
    for (;;) {
      if (!isChanged) await new Promise<void>((resolve) => (wake = resolve))
      isChanged = false
      yield
    }
  } finally {
    unwatchFile(path, onChange)
    process.stdin.off('data', onChange)
    process.stdin.pause()
  }
}
