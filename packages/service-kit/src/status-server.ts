import { fastify } from 'fastify';
import type { Registry } from 'prom-client';
import { isStuckByFault, type Stuck } from './stuck.js';

export interface StatusServerOptions {
  readonly host: string;
  readonly port: number;
  readonly registry: Registry;
  /** When the last tick ended, by performance.now(); undefined before the first. */
  readonly lastTickAt: () => number | undefined;
  /** What does not go on at present. The service is ready while none of it is a fault. */
  readonly stuck: () => readonly Stuck[];
  /** Without a finished tick for so long the process counts as stuck. */
  readonly stuckAfterMs: number;
}

/** The pages of a service that machines read: /metrics, /healthz (restart me when not 200) and /readyz. */
export interface StatusServer extends AsyncDisposable {
  readonly url: string;
}

/** So many are shown. */
const MAX_STUCK = 50;

function described({ kind, reason, retryInMs }: Stuck): object {
  const retry = retryInMs === undefined ? {} : { retryInSeconds: Math.round(retryInMs / 1000) };
  return { kind, reason: reason.slice(0, 500), ...retry };
}

/** Serves the pages. @throws the system's error when the port is taken. */
export async function openStatusServer(options: StatusServerOptions): Promise<StatusServer> {
  const { host, port, registry, lastTickAt, stuck, stuckAfterMs } = options;
  const startedAt = performance.now();
  const app = fastify({ logger: false, bodyLimit: 1024, requestTimeout: 10_000 });
  app.get('/metrics', async (_request, reply) => {
    reply.type(registry.contentType);
    return registry.metrics();
  });
  app.get('/healthz', async (_request, reply) => {
    const idleMs = performance.now() - (lastTickAt() ?? startedAt);
    const healthy = idleMs < stuckAfterMs;
    reply.code(healthy ? 200 : 503);
    return { healthy, secondsSinceLastTick: Math.round(idleMs / 1000) };
  });
  app.get('/readyz', async (_request, reply) => {
    const all = stuck();
    const fault = all.find(isStuckByFault);
    reply.code(fault === undefined ? 200 : 503);
    return {
      ready: fault === undefined,
      ...(fault === undefined ? {} : { reason: fault.reason }),
      ...(all.length === 0 ? {} : { stuck: all.slice(0, MAX_STUCK).map(described) }),
    };
  });
  const url = await app.listen({ host, port });
  return { url, [Symbol.asyncDispose]: async () => await app.close() };
}
