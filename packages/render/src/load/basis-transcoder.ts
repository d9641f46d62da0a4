import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import vm from 'node:vm';

/** Decoded pixels, RGBA, 8 bits each, top row first. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** The part of Binomial's transcoder that is used here. */
interface BasisModule {
  initializeBasis(): void;
  readonly KTX2File: new (bytes: Uint8Array) => Ktx2File;
}

interface Ktx2File {
  isValid(): boolean;
  isHDR(): boolean;
  getWidth(): number;
  getHeight(): number;
  getLevels(): number;
  startTranscoding(): boolean;
  getImageTranscodedSizeInBytes(level: number, layer: number, face: number, format: number): number;
  transcodeImage(
    target: Uint8Array,
    level: number,
    layer: number,
    face: number,
    format: number,
    decodeFlags: number,
    channel0: number,
    channel1: number,
  ): number;
  close(): void;
  delete(): void;
}

const RGBA32 = 13;

let loading: Promise<BasisModule> | undefined;

/**
 * Decodes a KTX2 image (ETC1S or UASTC, with or without Zstandard) with the Basis Universal transcoder that ships with
 * three.
 *
 * @param halvings - Takes the mip level that is smaller by this many halvings, or the smallest that the file has.
 * @throws Error when the data do not decode
 * @see https://github.com/BinomialLLC/basis_universal
 */
export async function decodeKtx2(bytes: Uint8Array, halvings: number): Promise<Pixels> {
  loading ??= loadTranscoder();
  const basis = await loading;
  const file = new basis.KTX2File(bytes);
  try {
    if (!file.isValid() || file.isHDR()) throw new Error('it is not 8-bit Basis Universal data');
    const levels = file.getLevels();
    if (levels < 1 || !file.startTranscoding()) throw new Error('it does not transcode');
    const level = Math.min(halvings, levels - 1);
    const width = Math.max(1, file.getWidth() >> level);
    const height = Math.max(1, file.getHeight() >> level);
    const size = file.getImageTranscodedSizeInBytes(level, 0, 0, RGBA32);
    if (size !== width * height * 4)
      throw new Error(`level ${level} has ${size} bytes for ${width} × ${height} pixels`);
    const data = new Uint8Array(size);
    if (!file.transcodeImage(data, level, 0, 0, RGBA32, 0, -1, -1)) throw new Error('it does not transcode');
    return { data, width, height };
  } catch (error) {
    // After a trap the module's memory cannot be trusted: the next image gets a new one.
    if (error instanceof Error && error.name === 'RuntimeError') loading = undefined;
    throw error;
  } finally {
    file.close();
    file.delete();
  }
}

/** The transcoder is an old-style script inside an ESM package, so it is compiled as what it is. */
async function loadTranscoder(): Promise<BasisModule> {
  const require = createRequire(import.meta.url);
  const script = require.resolve('three/examples/jsm/libs/basis/basis_transcoder.js');
  const folder = path.dirname(script);
  const wasmBinary = await readFile(path.join(folder, 'basis_transcoder.wasm'));
  const source = await readFile(script, 'utf8');
  const load = vm.compileFunction(`${source}\nreturn BASIS;`, ['require', '__filename', '__dirname'], {
    filename: script,
  }) as (require: NodeJS.Require, file: string, folder: string) => (options: object) => Promise<BasisModule>;
  const basis = await load(require, script, folder)({ wasmBinary, print: () => undefined, printErr: () => undefined });
  basis.initializeBasis();
  return basis;
}
