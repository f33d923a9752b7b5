import type { Digits } from '../../digits.ts'
import { createEngine } from '../../engine/create-engine.ts'
import type { Params } from '../../network.ts'
import { LESSON, type Network } from '../../own-network.ts'
import type { TrainOptions } from './options.ts'

/** The fraction of the digits that the network classifies correctly, from 0 to 1. */
export async function accuracyOn(
  digits: Digits,
  params: Params,
  { engine, threads }: TrainOptions,
  network: Network = LESSON,
): Promise<number> {
  const measuring = await createEngine(engine, digits, { hidden: params.W1.shape[0], threads, network })
  const { correct } = measuring.evaluate(params)
  measuring.close()
  return correct / measuring.m
}
