/** Standard input for commands that run in the test's own process. */
import { Readable } from 'node:stream'
import { vi } from 'vitest'

/** Runs a command whose standard input holds these bytes. */
export async function withStandardInput<T>(input: string | Buffer, run: () => Promise<T>): Promise<T> {
  const stream = Readable.from([Buffer.from(input)], { objectMode: false })
  const stdin = vi.spyOn(process, 'stdin', 'get').mockReturnValue(stream as typeof process.stdin)
  try {
    return await run()
  } finally {
    stdin.mockRestore()
  }
}
