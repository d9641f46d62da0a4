/**
 * Reads a body to its end, or gives it up as soon as it has more than so many bytes.
 *
 * @returns the bytes, or undefined when there were more.
 */
export async function readAtMost(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let received = 0;
  for await (const chunk of body) {
    received += chunk.byteLength;
    // Leaving the loop destroys the body and with it the connection.
    if (received > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, received);
}
