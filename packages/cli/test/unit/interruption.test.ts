import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { listenForInterruption } from '../../src/terminal/interruption.js';

describe('an interruption', () => {
  function listening() {
    const emitter = new EventEmitter();
    const ended: string[] = [];
    let nowMs = 5_000;
    const interruption = listenForInterruption({
      signals: emitter as unknown as NodeJS.Process,
      end: () => ended.push('ended'),
      now: () => nowMs,
    });
    const arrive = (name: NodeJS.Signals, afterMs = 0) => {
      nowMs += afterMs;
      emitter.emit(name, name);
    };
    return { interruption, ended, arrive };
  }

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('is a %s, which ends nothing by itself', (name) => {
    const { interruption, ended, arrive } = listening();
    expect(interruption.signal.aborted).toBe(false);
    arrive(name);
    expect(interruption.signal.reason).toEqual(new Error(`interrupted by ${name}`));
    expect(ended).toEqual([]);
  });

  it('is one wish, however often it arrives: from the terminal, and passed on by npm and set-up', () => {
    const { interruption, ended, arrive } = listening();
    const insisted: string[] = [];
    interruption.onInsisted(() => insisted.push('again'));
    arrive('SIGINT');
    arrive('SIGINT', 5);
    arrive('SIGHUP', 300);
    arrive('SIGTERM', 600);
    expect(insisted).toEqual([]);
    arrive('SIGINT', 300);
    arrive('SIGINT', 5);
    expect(insisted).toEqual(['again']);
    expect(ended).toEqual([]);
  });

  it('ends the process at once when it is repeated and nothing listens', () => {
    const { interruption, ended, arrive } = listening();
    const forget = interruption.onInsisted(() => {});
    arrive('SIGTERM');
    arrive('SIGTERM', 2_000);
    expect(ended).toEqual([]);
    forget();
    arrive('SIGTERM', 2_000);
    expect(ended).toEqual(['ended']);
  });

  it('by a terminal that went away comes again with every write, and counts once', () => {
    const { interruption, ended, arrive } = listening();
    interruption.interrupt('a terminal that went away');
    expect(interruption.signal.aborted).toBe(true);
    interruption.interrupt('a terminal that went away');
    expect(ended).toEqual([]);
    arrive('SIGHUP', 5_000);
    expect(ended).toEqual(['ended']);
  });
});
