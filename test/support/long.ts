/** Whether campaigns run in full: with CI or MNIST_LONG_TESTS set. */
export const isLong = Boolean(process.env.CI || process.env.MNIST_LONG_TESTS)
