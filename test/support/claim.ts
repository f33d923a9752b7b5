/** Sentences that must be true of any input: `npm test` tries a few inputs, `npm run fuzz` as many as there is time for. */
import fc from 'fast-check'

/** What a user would need to see the same: files by name, or the input in words. */
export type Files = Record<string, string | Uint8Array>

export interface Claim<Input = unknown> {
  /** A sentence. */
  title: string
  inputs: fc.Arbitrary<Input>
  /**
   * Checks the claim for one input.
   * @param folder a folder to write in; it may hold files of earlier inputs
   * @returns a word for what happened, such as `read` or `refused`, to be counted
   * @throws anything if the claim is false
   */
  check(input: Input, folder: string): Promise<string>
  /** The input as files. */
  files?(input: Input): Files
}

/** A claim among others: whoever checks it passes on what its own arbitrary made. */
export function claim<Input>(claim: Claim<Input>): Claim {
  return claim as Claim
}

/** Checks a claim for random inputs; `onRun` is told what happened to each. */
export function propertyOf(claim: Claim, folder: string, onRun: (happened: string) => void = () => {}) {
  return fc.asyncProperty(claim.inputs, async (input) => {
    onRun(await claim.check(input, folder))
  })
}

/** What an arbitrary makes. */
export type MadeBy<A> = A extends fc.Arbitrary<infer T> ? T : never
