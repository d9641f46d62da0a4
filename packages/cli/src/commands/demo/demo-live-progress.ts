import type { DemoEvent } from '@tiltyard/dev-env/gen3d';
import { STAGES, type Stage } from '@tiltyard/schema/gen3d';
import { Listr, ListrLogger, type ListrTask, type ListrTaskWrapper, PRESET_TIMER, ProcessOutput } from 'listr2';
import { type DemoProgress, linesOf, storyOf } from './demo-progress.js';

/** The stages of a round, in order. */
const ROUND_STAGES = STAGES.filter((stage) => stage !== 'finished' && stage !== 'paused');
const SERVICES = [
  'round-manager',
  'submission-collector',
  'generation-orchestrator',
  'judge-service',
  'weight-setter',
] as const;
/** Lines of the story that stay below a stage. */
const STORY_LINES = 16;

// biome-ignore lint/suspicious/noExplicitAny: listr2's own type parameters for a list of any renderer
type Wrapper = ListrTaskWrapper<unknown, any, any>;

/** Shows a demo as a live list: the network, every round with its stages, the weights, and what each service says. */
export function liveProgress(stream: NodeJS.WriteStream, rounds: number): DemoProgress {
  const board = new Board();
  const logger = new ListrLogger({ processOutput: new ProcessOutput(stream, stream) });
  const stages = competition(board, rounds);
  const services = SERVICES.map((name) => board.step(`service ${name}`, name));
  const list = new Listr<unknown, 'default', 'default'>(
    [
      { title: 'Competition', task: (_, task) => task.newListr(stages, IN_TURN) },
      { title: 'Services', task: (_, task) => task.newListr(services, { concurrent: true, exitOnError: false }) },
    ],
    {
      concurrent: true,
      exitOnError: false,
      forceTTY: true,
      registerSignalListeners: false,
      rendererOptions: {
        ...{ logger, timer: PRESET_TIMER, formatOutput: 'truncate' },
        ...{ collapseSubtasks: false, collapseErrors: false, showErrorMessage: false },
      },
    },
  );
  const running = list.run().catch(() => undefined);
  return {
    tell: (event) => show(event, board),
    async close(error) {
      if (error === undefined) board.finishAll();
      else board.failAll();
      await running;
    },
  };
}

/** A list within a list takes its order of work from the outer one unless told. */
const IN_TURN = { concurrent: false, exitOnError: false } as const;

/** The competition's steps, made in the order in which they are finished. */
function competition(board: Board, rounds: number): ListrTask[] {
  const network = board.step('network', 'Network');
  const played = Array.from({ length: rounds }, (_, round): ListrTask => {
    const stages = ROUND_STAGES.map((stage) => board.step(stageKey(round, stage), stage));
    return { title: `Round ${round}`, task: (_context, task) => task.newListr(stages, IN_TURN) };
  });
  return [network, ...played, board.step('weights', 'Weights, audit')];
}

function stageKey(round: number, stage: Stage): string {
  return `round ${round} ${stage}`;
}

function show(event: DemoEvent, board: Board): void {
  switch (event.kind) {
    case 'progress':
      board.finishBefore(stageKey(event.round, event.stage));
      board.note(stageKey(event.round, event.stage), event.note);
      break;
    case 'service':
      board.note(`service ${event.news.service}`, event.news.says);
      break;
    case 'lead':
    case 'audit':
      board.say(stageKey(event.round, 'duels'), storyOf(event));
      break;
    case 'round':
      board.say(stageKey(event.report.round, 'duels'), storyOf(event));
      break;
    case 'kill':
      board.say(`service ${event.service}`, linesOf(event).join(''));
      break;
    case 'phase':
      board.note(board.isDone('network') ? 'weights' : 'network', event.text);
      break;
    case 'up':
      board.say('network', `logs: ${event.logs}`);
      board.finish('network');
      break;
    case 'folder':
    case 'served':
      board.say('network', linesOf(event).join(''));
      break;
    case 'memory':
      break;
  }
}

interface Step {
  readonly title: string;
  note: string;
  /** Said before the task began, shown when it does. */
  readonly said: string[];
  task: Wrapper | undefined;
  state: 'open' | 'done' | 'failed';
  end: () => void;
}

/** The steps of a list, finished from outside as events come in, whether or not the list has reached them. */
class Board {
  readonly #steps = new Map<string, Step>();

  /** A task of the list that goes on until its step is finished. Steps count as being in the order in which they are made. */
  step(key: string, title: string): ListrTask {
    const step: Step = { title, note: '', said: [], task: undefined, state: 'open', end: () => undefined };
    this.#steps.set(key, step);
    const over = new Promise<void>((resolve) => {
      step.end = resolve;
    });
    return {
      title,
      rendererOptions: { persistentOutput: true, outputBar: STORY_LINES },
      task: async (_context, task) => {
        step.task = task;
        for (const text of step.said) task.output = text;
        this.#title(step);
        await over;
        if (step.state === 'failed') throw new Error(title);
      },
    };
  }

  isDone(key: string): boolean {
    return this.#steps.get(key)?.state === 'done';
  }

  /** What a step is about at the moment. */
  note(key: string, text: string): void {
    const step = this.#steps.get(key);
    if (step === undefined) return;
    step.note = text;
    this.#title(step);
  }

  /** Something that stays below a step. */
  say(key: string, text: string): void {
    const step = this.#steps.get(key);
    if (step === undefined) return;
    step.said.push(text);
    if (step.task !== undefined) step.task.output = text;
  }

  finish(key: string): void {
    const step = this.#steps.get(key);
    if (step !== undefined) this.#end(step, 'done');
  }

  /** Finishes every step of the competition that comes before this one; of a round after the last, all of them. */
  finishBefore(key: string): void {
    for (const [other, step] of this.#steps) {
      if (other === key || other === 'weights') return;
      if (!other.startsWith('service ')) this.#end(step, 'done');
    }
  }

  finishAll(): void {
    for (const step of this.#steps.values()) this.#end(step, 'done');
  }

  failAll(): void {
    for (const step of this.#steps.values()) if (step.state === 'open') this.#end(step, 'failed');
  }

  #end(step: Step, state: 'done' | 'failed'): void {
    if (step.state !== 'open') return;
    step.state = state;
    step.note = '';
    this.#title(step);
    step.end();
  }

  #title({ task, title, note }: Step): void {
    if (task !== undefined) task.title = note === '' ? title : `${title}  ${note}`;
  }
}
