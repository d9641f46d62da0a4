import { WebSocket } from 'ws';
import { z } from 'zod';
import {
  ControlBlock,
  DevnetStatus,
  type FundRequest,
  type JumpRequest,
  type ProduceRequest,
  RegisterAnswer,
  type RegisterRequest,
} from './control-protocol.js';
import { DevnetError } from './errors.js';

export interface ControlOptions {
  /** How long connecting, and any one request, may take. Long jumps over many reveals take seconds. */
  readonly timeoutMs?: number;
}

export const CONTROL_DEFAULTS: Required<ControlOptions> = { timeoutMs: 60_000 };

/**
 * Controls a dev chain in another process. Every method throws DevnetError `control_failed`; its `devnetCode` is the
 * fault's code at the other end (`transactions_pending`, `not_ahead`, …). An aborted wait throws the signal's reason; the
 * other end may have done what it was asked all the same.
 */
export interface DevnetControl extends AsyncDisposable {
  status(signal?: AbortSignal): Promise<DevnetStatus>;
  jump(request: JumpRequest, signal?: AbortSignal): Promise<ControlBlock>;
  produce(request?: ProduceRequest, signal?: AbortSignal): Promise<ControlBlock>;
  register(request: RegisterRequest, signal?: AbortSignal): Promise<RegisterAnswer>;
  fund(request: FundRequest, signal?: AbortSignal): Promise<ControlBlock>;
}

const Answer = z.object({
  id: z.number(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string(), data: z.unknown().optional() }).optional(),
});
const FaultData = z.object({ code: z.string() });
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

type Answered = z.infer<typeof Answer>;

/** Connects to a dev chain's URL. Throws DevnetError `control_failed` when it cannot in time. */
export async function connectDevnetControl(url: string, options: ControlOptions = {}): Promise<DevnetControl> {
  const { timeoutMs } = { ...CONTROL_DEFAULTS, ...options };
  const socket = await open(url, timeoutMs);
  const waiting = new Map<number, (answer: Answered | undefined) => void>();
  let nextId = 1;
  socket.on('message', (data) => {
    const answer = parseAnswer(String(data));
    if (answer !== undefined) waiting.get(answer.id)?.(answer);
  });
  socket.on('close', () => {
    for (const resolve of waiting.values()) resolve(undefined);
  });
  socket.on('error', () => {}); // a close follows

  async function request<T>(method: string, schema: z.ZodType<T>, params: unknown, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    if (socket.readyState !== socket.OPEN) throw failed(method, 'the connection is closed');
    const id = nextId++;
    const { promise, resolve, reject } = deferred<Answered | undefined>();
    waiting.set(id, resolve);
    const timer = setTimeout(() => reject(failed(method, `no answer within ${timeoutMs} ms`)), timeoutMs);
    const onAbort = () => reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params: params === undefined ? [] : [params] }));
    try {
      return read(method, schema, await promise);
    } finally {
      waiting.delete(id);
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  return {
    status: (signal) => request('devnet_status', DevnetStatus, undefined, signal),
    jump: (target, signal) => request('devnet_jump', ControlBlock, target, signal),
    produce: (blocks = {}, signal) => request('devnet_produce', ControlBlock, blocks, signal),
    register: (neuron, signal) => request('devnet_register', RegisterAnswer, neuron, signal),
    fund: (account, signal) => request('devnet_fund', ControlBlock, account, signal),
    async [Symbol.asyncDispose]() {
      if (socket.readyState === socket.CLOSED) return;
      const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
      socket.terminate();
      await closed;
    },
  };
}

function deferred<T>() {
  let settle: { resolve: (value: T) => void; reject: (reason: unknown) => void } | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return {
    promise,
    resolve: (value: T) => settle?.resolve(value),
    reject: (reason: unknown) => settle?.reject(reason),
  };
}

async function open(url: string, timeoutMs: number): Promise<WebSocket> {
  const socket = new WebSocket(url, { handshakeTimeout: timeoutMs, maxPayload: MAX_ANSWER_BYTES });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', (error) => reject(failed('connect', error.message)));
  });
  return socket;
}

function read<T>(method: string, schema: z.ZodType<T>, answer: Answered | undefined): T {
  if (answer === undefined) throw failed(method, 'the connection was lost');
  if (answer.error !== undefined) {
    const data = FaultData.safeParse(answer.error.data);
    throw failed(method, answer.error.message, data.success ? data.data.code : undefined);
  }
  const parsed = schema.safeParse(answer.result);
  if (!parsed.success) throw failed(method, `answered with something else: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function parseAnswer(text: string): Answered | undefined {
  try {
    return Answer.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function failed(method: string, problem: string, devnetCode?: string): DevnetError {
  return new DevnetError({
    code: 'control_failed',
    method,
    detail: problem,
    ...(devnetCode === undefined ? {} : { devnetCode }),
  });
}
