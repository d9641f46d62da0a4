import { fastify } from 'fastify';
import type { Registry } from 'prom-client';

export interface StatusServerOptions {
  readonly host: string;
  readonly port: number;
  readonly registry: Registry;
  /** When the last tick ended, by performance.now(); undefined before the first. */
  readonly lastTickAt: () => number | undefined;
  /** Why the service cannot do its work at present; undefined when it can. */
  readonly notReady: () => string | undefined;
  /** Without a finished tick for so long the process counts as stuck. */
  readonly stuckAfterMs: number;
}

/** The pages of a service that machines read: /metrics, /healthz (restart me when not 200) and /readyz. */
export interface StatusServer extends AsyncDisposable {
  readonly url: string;
}

/** Serves the pages. @throws the system's error when the port is taken. */
export async function openStatusServer(options: StatusServerOptions): Promise<StatusServer> {
  const { host, port, registry, lastTickAt, notReady, stuckAfterMs } = options;
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
    const reason = notReady();
    reply.code(reason === undefined ? 200 : 503);
    return { ready: reason === undefined, ...(reason === undefined ? {} : { reason }) };
  });
  const url = await app.listen({ host, port });
  return { url, [Symbol.asyncDispose]: async () => await app.close() };
}
