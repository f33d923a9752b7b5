/** What MNIST is: its files, their checksums, and where to download them. */

/** One of MNIST's files, in its own format, IDX. */
export interface IdxFile {
  /** Its name without `.gz`. */
  name: string
  /** Its size, uncompressed. */
  bytes: number
  /** SHA-256 of its uncompressed bytes, in hex. (The `.gz` differs between mirrors.) */
  sha256: string
}

/** A set of digits: the two files that hold it, and the CSV that `mnist-data get` writes. */
export interface DigitSet {
  /** The name of the CSV. */
  csv: string
  images: IdxFile
  labels: IdxFile
  /** The `fingerprint` of its digits. */
  sha256: string
}

/** MNIST as LeCun, Cortes and Burges published it: 60,000 training digits and 10,000 test digits. */
export const MNIST: DigitSet[] = [
  {
    csv: 'mnist_train.csv',
    images: {
      name: 'train-images-idx3-ubyte',
      bytes: 47_040_016,
      sha256: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
    },
    labels: {
      name: 'train-labels-idx1-ubyte',
      bytes: 60_008,
      sha256: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
    },
    sha256: 'edc0d1098aa497be14ace79ddd5171e5a3dcf9c4d196c015389203eb3ba1f59b',
  },
  {
    csv: 'mnist_test.csv',
    images: {
      name: 't10k-images-idx3-ubyte',
      bytes: 7_840_016,
      sha256: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
    },
    labels: {
      name: 't10k-labels-idx1-ubyte',
      bytes: 10_008,
      sha256: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
    },
    sha256: 'c3f9adf9c66efb572b1f9326c3a511b45910c7173b97be66ceceeeeaef6b802b',
  },
]

/** URLs of public folders that hold the four files, each as `NAME.gz`. */
export const MIRRORS = [
  'https://ossci-datasets.s3.amazonaws.com/mnist/',
  'https://storage.googleapis.com/cvdf-datasets/mnist/',
  'https://raw.githubusercontent.com/fgnt/mnist/master/',
  'https://azureopendatastorage.blob.core.windows.net/mnist/',
]
