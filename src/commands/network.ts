/** A weights file and the network that computes with it. */
import { Failure } from '../failure.ts'
import type { ModuleRecord } from '../network-module.ts'
import { LESSON, type Network } from '../own-network.ts'
import { load, type Weights } from '../weights.ts'
import { noticeOfActivation } from './activation.ts'

/**
 * Loads weights, and their network: the lesson, or the functions of the module that they were trained with.
 * @param module the file that `--network` names
 * @throws Failure `usage` if it is not that module, or missing; as `load` and `loadNetwork` do
 */
export async function loadWithNetwork(path: string, module?: string): Promise<{ weights: Weights; network: Network }> {
  const weights = await load(path)
  return { weights, network: await networkOf(path, weights, module) }
}

/** The network of loaded weights, as `loadWithNetwork` gives it. */
export async function networkOf(path: string, { training }: Weights, module?: string): Promise<Network> {
  if (module === undefined) {
    checkNetworkModule(path, training.network)
    return LESSON
  }
  const { loadNetwork } = await import('../network-module.ts') // here, so that other networks do not load it
  const { record, network } = await loadNetwork(module)
  checkNetworkModule(path, training.network, record)
  return network
}

/** What to say if src/network.ts may not compute what trained the weights. */
export function noticeOfNetwork(path: string, { training, activation }: Weights): string | undefined {
  return training.network ? undefined : noticeOfActivation(path, activation)
}

/**
 * Checks that a network is used with the module it was trained with.
 * @param path the weights file
 * @param recorded what it records
 * @throws Failure `usage`
 */
export function checkNetworkModule(path: string, recorded?: ModuleRecord, given?: ModuleRecord): void {
  if (recorded?.sha256 === given?.sha256) return
  const refuse = (message: string) => new Failure('usage', message)
  if (!recorded) throw refuse(`--network ${given?.name}: ${path} was trained without it; omit --network`)
  if (!given) throw refuse(`${path} was trained with ${recorded.name}: name that file with --network`)
  const [was, is] = [recorded, given].map(({ sha256 }) => sha256.slice(0, 8))
  throw refuse(`--network ${given.name} is not the file that ${path} was trained with (SHA-256 ${is}…, not ${was}…)`)
}
