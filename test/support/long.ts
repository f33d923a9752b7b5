/** Whether campaigns run in full: with MNIST_LONG_TESTS set. */
export const isLong = Boolean(process.env.MNIST_LONG_TESTS)
