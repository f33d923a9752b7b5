/** Whether a file that begins with these bytes is gzipped (RFC 1952: 1f 8b). Its name does not matter. */
export function isGzipped(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b
}
