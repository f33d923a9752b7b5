/** Ways to train, whose number of iterations may change. */
export const WAYS = [
  '--hidden 10',
  '--notebook',
  '--momentum 0.9 --take 50',
  '--batch 16',
  '--batch 16 --momentum 0.5 --hidden 7 --init-scale he',
  '--batch 16 --engine reference --momentum 0.9',
]

/** Ways to train, whose number of iterations is part of the run. */
export const DECAYING = ['--decay linear', '--decay cosine --batch 16 --momentum 0.9']
