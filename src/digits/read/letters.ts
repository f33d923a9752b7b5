/** Labels that are letters, as in EMNIST. */
/**
 * What labels above 9 are, if they are EMNIST's of letters: "labels 1–26: letters, not digits".
 * @param labels integers, some above 9
 */
export function lettersIn(labels: number[]): string | undefined {
  let greatest = 0
  for (const label of labels) greatest = Math.max(greatest, label)
  if (greatest <= 10 || greatest > 61) return undefined // 10 alone is a digit 0 labelled 10
  if (greatest > 26) return `labels up to ${greatest}: letters as well as digits`
  return `labels ${greatest < 26 && labels.includes(0) ? '0–25' : '1–26'}: letters, not digits`
}
