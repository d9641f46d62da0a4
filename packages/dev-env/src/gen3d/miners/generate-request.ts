import type { IncomingMessage } from 'node:http';
import { z } from 'zod';

/** What POST /generate asks for. */
export interface GenerateRequest {
  readonly picture: Uint8Array;
  readonly seed: number;
}

/** A request that cannot be answered, and the HTTP status that says so. */
export class RequestFault {
  constructor(
    readonly status: number,
    readonly message: string,
  ) {}
}

const MAX_BODY_BYTES = 32 * 1024 * 1024;
const Seed = z.coerce.number().int().min(0).max(0xffff_ffff);

/** Reads the multipart form of a POST /generate: `prompt_image_file` and `seed`. */
export async function readGenerateRequest(request: IncomingMessage): Promise<GenerateRequest | RequestFault> {
  const body = await readBody(request);
  if (!body) return new RequestFault(413, `the body is larger than ${MAX_BODY_BYTES} bytes`);
  let form: FormData;
  try {
    form = await new Response(body, { headers: { 'content-type': request.headers['content-type'] ?? '' } }).formData();
  } catch {
    return new RequestFault(400, 'the body is not a multipart form');
  }
  const file = form.get('prompt_image_file');
  if (!(file instanceof File)) {
    return new RequestFault(422, 'prompt_image_file is missing; a sample miner answers pictures only');
  }
  const seed = Seed.safeParse(form.get('seed') ?? undefined);
  if (!seed.success) return new RequestFault(422, 'seed is not an integer from 0 to 4294967295');
  return { picture: new Uint8Array(await file.arrayBuffer()), seed: seed.data };
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
