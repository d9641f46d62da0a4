import { type Embedder, EmbedderId, embedderSpec, openEmbedder } from '@tiltyard/embed';
import { type Logger, StateError } from '@tiltyard/service-kit';
import type { OrchestratorConfig } from './config.js';

/** The embedders that rounds' rules name, each opened when it is first asked for. */
export interface Embedders extends AsyncDisposable {
  /** @throws StateError for an id that this version does not know; EmbedError when the model is not there */
  of(id: string): Promise<Embedder>;
}

/** Opens no embedder yet. */
export function openEmbedders({ modelDir, threads }: OrchestratorConfig['embed'], log: Logger): Embedders {
  const open = new Map<string, Promise<Embedder>>();
  async function openOne(text: string): Promise<Embedder> {
    const id = EmbedderId.safeParse(text);
    if (!id.success) {
      throw new StateError({
        code: 'inconsistent',
        path: 'rules.json',
        detail: `verification.embedder: ${text} is not known`,
      });
    }
    return await openEmbedder(await embedderSpec(id.data, { modelDir: modelDir ?? '', threads }), { log });
  }
  return {
    async of(id) {
      const known = open.get(id) ?? openOne(id);
      open.set(id, known);
      known.catch(() => open.delete(id));
      return await known;
    },
    async [Symbol.asyncDispose]() {
      for (const embedder of await Promise.allSettled(open.values())) {
        if (embedder.status === 'fulfilled') await embedder.value.close();
      }
    },
  };
}
