import { cronJobs, makeFunctionReference } from 'convex/server';
import { describe, expect, it } from 'vitest';
import { nextRun, parseCrons } from '../../../../scripts/stack/convex/crons.ts';

const at = (text: string) => Date.parse(`2026-11-20T${text}Z`);
const job = makeFunctionReference<'mutation'>('jobs:run');

describe('crons', () => {
  it('run an interval after they began, and skip what they missed', () => {
    const schedule = { type: 'interval', minutes: 1 } as const;
    expect(nextRun(schedule, at('10:00:00'), at('10:00:05'))).toBe(at('10:01:00'));
    expect(nextRun(schedule, at('10:00:00'), at('10:02:30'))).toBe(at('10:03:00'));
    expect(nextRun(schedule, at('10:00:00'), at('10:01:00'))).toBe(at('10:02:00'));
  });

  it('run hourly and daily at their minute of UTC', () => {
    expect(nextRun({ type: 'hourly', minuteUTC: 7 }, 0, at('10:06:59'))).toBe(at('10:07:00'));
    expect(nextRun({ type: 'hourly', minuteUTC: 7 }, 0, at('10:07:00'))).toBe(at('11:07:00'));
    expect(nextRun({ type: 'daily', hourUTC: 17, minuteUTC: 30 }, 0, at('10:00:00'))).toBe(at('17:30:00'));
    expect(nextRun({ type: 'daily', hourUTC: 9, minuteUTC: 0 }, 0, at('10:00:00'))).toBe(at('09:00:00') + 86_400_000);
  });

  it('of other kinds are refused by name', () => {
    const weekly = cronJobs();
    weekly.weekly('report', { dayOfWeek: 'monday', hourUTC: 9, minuteUTC: 0 }, job);
    expect(() => parseCrons(weekly)).toThrow(
      'cron "report": the local stack runs interval, hourly and daily, not "weekly"',
    );
    const classic = cronJobs();
    classic.cron('classic', '0 * * * *', job);
    expect(() => parseCrons(classic)).toThrow('not "cron"');
  });

  it('are none without crons.ts', () => expect(parseCrons(undefined)).toEqual([]));
});
