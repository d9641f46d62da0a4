import type { InferenceSession } from 'onnxruntime-node';
import { EmbedError } from '../embed-error.js';
import { IMAGE_SIDE } from '../interfaces.js';
import { scaleToUnit } from '../unit-length.js';
import { VITS16 } from './architecture.js';
import { INPUT, OUTPUT } from './graph.js';

/** A model ready to run. */
export interface Dinov3Session extends AsyncDisposable {
  /** @param pixels - 3×224×224 normalised floats. @returns 384 floats of unit length. */
  run(pixels: Float32Array): Promise<Float32Array>;
}

/**
 * Opens an ONNX model on the CPU: fp32, batch 1, without spinning threads.
 *
 * A run blocks the calling thread (onnxruntime-node computes in the event loop), so this belongs in a process of its
 * own. Spinning would cost two thirds of the throughput as soon as another process wants a core.
 *
 * @param file - Where the model comes from, for errors.
 * @throws {EmbedError} `bad_model`.
 */
export async function openSession(onnx: Uint8Array, threads: number, file: string): Promise<Dinov3Session> {
  const { InferenceSession, Tensor } = await import('onnxruntime-node');
  let session: InferenceSession;
  try {
    session = await InferenceSession.create(onnx, {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message.slice(0, 300) : String(cause);
    throw new EmbedError({ code: 'bad_model', file, detail }, { cause });
  }
  if (!session.inputNames.includes(INPUT) || !session.outputNames.includes(OUTPUT)) {
    await session.release();
    throw new EmbedError({ code: 'bad_model', file, detail: `no input ${INPUT} or no output ${OUTPUT}` });
  }
  return {
    run: async (pixels) => {
      const feeds = { [INPUT]: new Tensor('float32', pixels, [1, 3, IMAGE_SIDE, IMAGE_SIDE]) };
      const { [OUTPUT]: pooled } = await session.run(feeds, [OUTPUT]);
      if (!(pooled?.data instanceof Float32Array) || pooled.data.length !== VITS16.width) {
        throw new EmbedError({ code: 'bad_model', file, detail: `${OUTPUT} is not ${VITS16.width} floats` });
      }
      return scaleToUnit(pooled.data);
    },
    [Symbol.asyncDispose]: () => session.release(),
  };
}
