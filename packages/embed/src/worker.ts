/** The embedding process: loads one model, then embeds pictures as they come, until its parent lets go of it. */
import { decodeImage } from './decode-image.js';
import { loadModel } from './dinov3/load-model.js';
import type { Answer, Request } from './dinov3/messages.js';
import { type Dinov3Session, openSession } from './dinov3/session.js';
import { EmbedError, type EmbedFault } from './embed-error.js';
import { pixelValues } from './pixel-values.js';
import { resizeToFloat } from './resize.js';

let session: Dinov3Session | undefined;

process.on('message', (request: Request) => void handle(request));
// A parent that is gone, however it went, takes this process along.
process.on('disconnect', () => process.exit(0));

async function handle(request: Request): Promise<void> {
  try {
    answer(request.kind === 'load' ? await load(request) : await embed(request));
  } catch (error) {
    answer({ kind: 'fault', call: request.kind === 'embed' ? request.call : undefined, fault: faultOf(error) });
  }
}

async function load({ modelFile, sha256, threads }: Extract<Request, { kind: 'load' }>): Promise<Answer> {
  const model = await loadModel(modelFile, sha256);
  session = await openSession(model.onnx, threads, modelFile);
  return { kind: 'ready', sha256: model.sha256 };
}

async function embed({ call, image, limits }: Extract<Request, { kind: 'embed' }>): Promise<Answer> {
  if (session === undefined) throw new Error('asked before a model was loaded');
  const pixels = pixelValues(resizeToFloat(await decodeImage(image, limits)));
  return { kind: 'vector', call, vector: await session.run(pixels) };
}

function answer(message: Answer): void {
  if (process.connected) process.send?.(message);
}

function faultOf(error: unknown): EmbedFault {
  if (error instanceof EmbedError) return error.fault;
  return { code: 'worker_failed', detail: error instanceof Error ? error.message.slice(0, 300) : String(error) };
}
