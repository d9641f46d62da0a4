import { openRenderer, type Renderer } from '@tiltyard/render';

/** A renderer that opens with the first file: if every file is missing, none is needed. */
export class RendererWhenNeeded implements AsyncDisposable {
  #opening: Promise<Renderer> | undefined;

  /** @throws RenderError `context_unavailable`. */
  get(): Promise<Renderer> {
    this.#opening ??= openRenderer();
    return this.#opening;
  }

  /** What renders here; undefined before the first file. */
  async describe(): Promise<string | undefined> {
    return (await this.#opening)?.describe();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await this.#opening?.catch(() => undefined);
    await opened?.close();
  }
}
