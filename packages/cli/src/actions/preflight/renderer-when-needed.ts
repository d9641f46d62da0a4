import { openRenderer, type Renderer } from '@tiltyard/render';

/** A renderer that is opened for the first file there is: none is needed to tell that every file is missing. */
export class RendererWhenNeeded implements AsyncDisposable {
  #opening: Promise<Renderer> | undefined;

  /** @throws RenderError `context_unavailable`. */
  get(): Promise<Renderer> {
    this.#opening ??= openRenderer();
    return this.#opening;
  }

  /** What renders here; undefined while nothing was. */
  async describe(): Promise<string | undefined> {
    return (await this.#opening)?.describe();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await this.#opening?.catch(() => undefined);
    await opened?.close();
  }
}
