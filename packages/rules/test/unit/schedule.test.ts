import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CalendarConfig,
  expectedBlockAt,
  expectedTimeOf,
  nextRoundStart,
  scheduleNextRound,
} from '../../src/gen3d/round/schedule.js';
import { RulesError } from '../../src/rules-error.js';

const config: CalendarConfig = {
  first_evaluation_date: '2026-02-02',
  last_competition_date: '2026-12-31',
  round_start_time: '08:00:00',
  round_duration_days: 3,
  finalization_buffer_hours: 1,
  generation_stage_minutes: 120,
};
const at = (time: string, block = 1_000_000) => ({ block, time: new Date(time) });
/** A previous round whose reveals ended `hours` before block 1000000. */
const previous = (hours: number) => ({ latest_reveal_block: (1_000_000 - hours * 300) as never });
const startAfter = (hours: number, now: string) => nextRoundStart(config, previous(hours), at(now)).toISOString();

describe('the next round', () => {
  it('starts so many days after the date of the one before, at the start time', () => {
    expect(startAfter(20, '2026-03-04T04:00:00Z')).toBe('2026-03-06T08:00:00.000Z');
  });

  it('starts a day later for each day that leaves less than the buffer', () => {
    expect(startAfter(70, '2026-03-06T06:59:59Z')).toBe('2026-03-06T08:00:00.000Z');
    expect(startAfter(70, '2026-03-06T07:00:00Z')).toBe('2026-03-06T08:00:00.000Z');
    expect(startAfter(70, '2026-03-06T07:00:01Z')).toBe('2026-03-07T08:00:00.000Z');
    expect(startAfter(24 * 9, '2026-03-12T09:00:00Z')).toBe('2026-03-13T08:00:00.000Z');
  });

  it('starts at the first evaluation date when it is the first, and never before it', () => {
    expect(nextRoundStart(config, undefined, at('2026-01-10T00:00:00Z')).toISOString()).toBe(
      '2026-02-02T08:00:00.000Z',
    );
    expect(nextRoundStart(config, undefined, at('2026-02-10T09:00:00Z')).toISOString()).toBe(
      '2026-02-11T08:00:00.000Z',
    );
    expect(startAfter(1, '2026-01-10T00:00:00Z')).toBe('2026-02-02T08:00:00.000Z');
  });

  it('is not held after the last date, and is held on it', () => {
    const held = { ...config, last_competition_date: '2026-03-06' };
    expect(scheduleNextRound(held, previous(20), at('2026-03-04T04:00:00Z')).kind).toBe('scheduled');
    const over = { ...config, last_competition_date: '2026-03-05' };
    expect(scheduleNextRound(over, previous(20), at('2026-03-04T04:00:00Z'))).toEqual({ kind: 'finished' });
  });

  it('reveals from right after the window before it, whatever the chain and the clock did', () => {
    fc.assert(
      fc.property(
        fc.nat(5_000_000),
        fc.nat(100_000),
        fc.date({ min: new Date('2026-01-01'), max: new Date('2026-11-30'), noInvalidDate: true }),
        fc.integer({ min: 1, max: 14 }),
        fc.double({ min: 0, max: 100, noNaN: true }),
        (latest, since, time, days, buffer) => {
          const now = { block: latest + since, time };
          const calendar = { ...config, round_duration_days: days, finalization_buffer_hours: buffer };
          const next = scheduleNextRound(calendar, { latest_reveal_block: latest as never }, now);
          if (next.kind === 'finished') return;
          const { earliest_reveal_block, latest_reveal_block, generation_deadline_block } = next.schedule;
          expect(earliest_reveal_block).toBe(latest + 1);
          expect(latest_reveal_block).toBeGreaterThanOrEqual(earliest_reveal_block);
          expect(generation_deadline_block).toBe(latest_reveal_block + 600);
          expect(next.start.getTime() - time.getTime()).toBeGreaterThanOrEqual(buffer * 3_600_000 - 1);
          expect(next.start.toISOString().slice(11, 19)).toBe('08:00:00');
          expect(next.start.toISOString() >= '2026-02-02T08').toBe(true);
        },
      ),
    );
  });

  it('is refused without a readable date', () => {
    expect(() => nextRoundStart({ ...config, first_evaluation_date: 'soon' }, undefined, at('2026-01-01'))).toThrow(
      RulesError,
    );
  });
});

describe('blocks and times', () => {
  it('are twelve seconds apart, forward and back', () => {
    const now = at('2026-03-01T00:00:00Z');
    expect(expectedTimeOf(1_000_005, now).toISOString()).toBe('2026-03-01T00:01:00.000Z');
    expect(expectedTimeOf(999_995, now).toISOString()).toBe('2026-02-28T23:59:00.000Z');
    expect(expectedBlockAt(new Date('2026-03-01T00:00:59Z'), now)).toBe(1_000_004);
    expect(expectedBlockAt(new Date('2026-02-01T00:00:00Z'), now)).toBe(1_000_000);
  });
});
