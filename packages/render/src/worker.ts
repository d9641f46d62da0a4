// The process that touches strangers' files. It is forked by the pool, renders one job at a time, and may die of it.
import { renderCanary } from './draw/canary.js';
import { openStudio, type Studio } from './draw/studio.js';
import { toWorker, type WorkerMessage } from './pool/messages.js';

// three's loader warns about the file at hand, as often as the file likes.
console.warn = () => undefined;
console.error = () => undefined;

// When several parts of a file fail at once, the job answers for the first; three's loader leaves the others lying.
process.on('unhandledRejection', () => undefined);

process.on('disconnect', () => process.exit(0));

const studio = await start();
if (studio) process.on('message', (message) => void answer(studio, message));

async function start(): Promise<Studio | undefined> {
  try {
    const opened = openStudio();
    await renderCanary(opened);
    await send({ type: 'ready', driver: opened.driver });
    return opened;
  } catch (error) {
    await send({ type: 'unavailable', reason: text(error) });
    process.exit(1);
  }
}

async function answer(studio: Studio, message: unknown): Promise<void> {
  const { id, job } = toWorker.parse(message);
  try {
    const outcome = await studio.render(job);
    const { clean } = studio;
    if (outcome.ok) await send({ type: 'rendered', id, outcome, clean });
    else if (outcome.fault.code !== 'timeout') await send({ type: 'refused', id, fault: outcome.fault, clean });
    else throw new Error('a worker does not judge the time');
  } catch (error) {
    await send({ type: 'failed', id, reason: text(error) });
  }
}

function send(message: WorkerMessage): Promise<void> {
  return new Promise((resolve) => {
    if (!process.send) throw new Error('the render worker is started by the renderer, not by hand');
    process.send(message, () => resolve());
  });
}

function text(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 1000) : String(error).slice(0, 1000);
}
