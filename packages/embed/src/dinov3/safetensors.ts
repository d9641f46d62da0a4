import { z } from 'zod';
import { EmbedError } from '../embed-error.js';

/** A weight: its shape, and its numbers in row-major order. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

const MAX_HEADER_BYTES = 4 * 1024 * 1024;
const MAX_TENSORS = 10_000;
const Size = z
  .int()
  .min(0)
  .max(2 ** 40);
const Entry = z.object({
  dtype: z.literal('F32'),
  shape: z.array(Size).max(8),
  data_offsets: z.tuple([Size, Size]),
});

/** True when the bytes start like a safetensors file: a little header length, then a JSON object. */
export function looksLikeSafetensors(bytes: Uint8Array): boolean {
  return bytes.length > 8 && headerLength(bytes) <= MAX_HEADER_BYTES && bytes[8] === '{'.charCodeAt(0);
}

/**
 * Reads a safetensors file of float32 tensors.
 *
 * Every length is checked against the file before it is used, and the tensors must fill the data exactly, in any order,
 * without a gap or an overlap; so a name given twice, which JSON would hide, is noticed too.
 *
 * @param file - Its name, for errors.
 * @returns Copies, by name.
 * @throws {EmbedError} `bad_model`.
 * @see https://github.com/huggingface/safetensors#format
 */
export function readSafetensors(bytes: Uint8Array, file: string): ReadonlyMap<string, Tensor> {
  const bad = (detail: string) => new EmbedError({ code: 'bad_model', file, detail });
  if (!looksLikeSafetensors(bytes)) throw bad('no safetensors header');
  const dataStart = 8 + headerLength(bytes);
  if (dataStart > bytes.length) throw bad('the header is cut off');
  const entries = headerEntries(bytes.subarray(8, dataStart), bad);

  const data = bytes.subarray(dataStart);
  const tensors = new Map<string, Tensor>();
  let filledTo = 0;
  for (const [name, { shape, data_offsets }] of entries) {
    const [from, to] = data_offsets;
    if (from !== filledTo) throw bad(`${name}: starts at ${from}, the tensor before it ends at ${filledTo}`);
    if (to > data.length) throw bad(`${name}: ends at ${to} of ${data.length} bytes`);
    if (to - from !== shape.reduce((product, length) => product * length, 4)) {
      throw bad(`${name}: ${to - from} bytes do not hold the shape [${shape.join(', ')}]`);
    }
    tensors.set(name, { shape, data: float32(data.subarray(from, to)) });
    filledTo = to;
  }
  if (filledTo !== data.length) throw bad(`${data.length - filledTo} bytes belong to no tensor`);
  return tensors;
}

function headerLength(bytes: Uint8Array): number {
  return Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
}

/** The header's tensors in the order of their data. */
function headerEntries(header: Uint8Array, bad: (reason: string) => EmbedError): [string, z.infer<typeof Entry>][] {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(header));
  } catch {
    throw bad('the header is not JSON');
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw bad('the header is not an object');
  const named = Object.entries(json).filter(([name]) => name !== '__metadata__');
  if (named.length > MAX_TENSORS) throw bad(`${named.length} tensors`);
  return named
    .map(([name, entry]): [string, z.infer<typeof Entry>] => {
      const parsed = Entry.safeParse(entry);
      if (!parsed.success) throw bad(`${name.slice(0, 100)}: ${z.prettifyError(parsed.error)}`);
      return [name.slice(0, 200), parsed.data];
    })
    .sort(
      ([, left], [, right]) =>
        left.data_offsets[0] - right.data_offsets[0] || left.data_offsets[1] - right.data_offsets[1],
    );
}

function float32(bytes: Uint8Array): Float32Array {
  // A copy, since the data need not be aligned to four bytes in the file.
  const copy = new Uint8Array(bytes);
  return new Float32Array(copy.buffer);
}
