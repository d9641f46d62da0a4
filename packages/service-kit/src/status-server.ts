import { fastify } from 'fastify';
import type { Registry } from 'prom-client';

/** How a service is doing, as its health pages tell. */
export interface Health {
  /** When the last tick ended, by a monotonic clock in milliseconds; undefined before the first. */
  lastTickAt: number | undefined;
  /** Why the service cannot do its work at present; undefined when it can. */
  notReady: string | undefined;
}

export interface StatusServerOptions {
  readonly host: string;
  readonly port: number;
  readonly registry: Registry;
  readonly health: Health;
  /** Without a finished tick for so long the process counts as stuck. */
  readonly stuckAfterMs: number;
}

/** The pages of a service that machines read: /metrics, /healthz (restart me when not 200) and /readyz. */
export interface StatusServer extends AsyncDisposable {
  readonly url: string;
}

/** Serves the pages. @throws the system's error when the port is taken. */
export async function openStatusServer(options: StatusServerOptions): Promise<StatusServer> {
  const { host, port, registry, health, stuckAfterMs } = options;
  const startedAt = performance.now();
  const app = fastify({ logger: false, bodyLimit: 1024, requestTimeout: 10_000 });
  app.get('/metrics', async (_request, reply) => {
    reply.type(registry.contentType);
    return registry.metrics();
  });
  app.get('/healthz', async (_request, reply) => {
    const idleMs = performance.now() - (health.lastTickAt ?? startedAt);
    const healthy = idleMs < stuckAfterMs;
    reply.code(healthy ? 200 : 503);
    return { healthy, secondsSinceLastTick: Math.round(idleMs / 1000) };
  });
  app.get('/readyz', async (_request, reply) => {
    const reason = health.lastTickAt === undefined ? 'no tick has finished yet' : health.notReady;
    reply.code(reason === undefined ? 200 : 503);
    return { ready: reason === undefined, ...(reason === undefined ? {} : { reason }) };
  });
  const url = await app.listen({ host, port });
  return { url, [Symbol.asyncDispose]: async () => await app.close() };
}
