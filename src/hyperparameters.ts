/** What the hyperparameters can be: the option tables and the weights file's schema both read it here. */

/** What computes the gradients. */
export const ENGINES = ['simd', 'reference'] as const
export type EngineName = (typeof ENGINES)[number]

/** Learning-rate schedules. */
export const DECAYS = ['none', 'linear', 'cosine'] as const
export type Decay = (typeof DECAYS)[number]

/** Initialization schemes: the notebook's uniform in ±½, or He's (He et al. 2015, "Delving Deep into Rectifiers"). */
export const INIT_SCALES = ['notebook', 'he'] as const
export type InitScale = (typeof INIT_SCALES)[number]

/** The largest hidden layer. */
export const MAX_HIDDEN = 4096

/** The largest seed that `np.random.seed` takes. */
export const MAX_SEED = 2 ** 32 - 1
