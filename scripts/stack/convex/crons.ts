/** Runs `convex/crons.ts`: intervals, hourly and daily ones. convex-test has none. */
import { type JSONValue, jsonToConvex } from 'convex/values';
import { z } from 'zod';
import { ADMIN, type Arguments, type ConvexBackend } from './backend.ts';
import { logText } from './errors.ts';
import { canonicalPath } from './functions.ts';

/** A minute in milliseconds. */
const MINUTE = 60_000;

const duration = z.number().positive();
const minuteUTC = z.int().min(0).max(59).default(0);
const scheduleSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('interval'),
    seconds: duration.optional(),
    minutes: duration.optional(),
    hours: duration.optional(),
  }),
  z.object({ type: z.literal('hourly'), minuteUTC }),
  z.object({ type: z.literal('daily'), hourUTC: z.int().min(0).max(23), minuteUTC }),
]);
type Schedule = z.infer<typeof scheduleSchema>;

interface Crons {
  crons: Record<string, { name: string; args: JSONValue[]; schedule: { type: string } }>;
}

interface CronJob {
  identifier: string;
  path: string;
  args: Arguments;
  schedule: Schedule;
}

/** @throws Error naming a kind of schedule that the local stack does not run */
export function parseCrons(exported: unknown): CronJob[] {
  const entries = Object.entries((exported as Crons | undefined)?.crons ?? {});
  return entries.map(([identifier, { name, args, schedule }]) => {
    const parsed = scheduleSchema.safeParse(schedule);
    const refusal = `cron "${identifier}": the local stack runs interval, hourly and daily, not "${schedule.type}"`;
    if (!parsed.success) throw new Error(refusal, { cause: parsed.error });
    const path = canonicalPath(name);
    return { identifier, path, args: jsonToConvex(args[0] ?? {}) as Arguments, schedule: parsed.data };
  });
}

/** An interval runs at once, as after a deployment, and again an interval after it began, unless it still runs. */
export function runCrons(jobs: readonly CronJob[], backend: ConvexBackend, log: (line: string) => void): Disposable {
  const timers = new Map<string, NodeJS.Timeout>();
  const wait = (job: CronJob, milliseconds: number): void => {
    timers.set(
      job.identifier,
      setTimeout(() => void run(job), milliseconds),
    );
  };
  const run = async (job: CronJob): Promise<void> => {
    const began = Date.now();
    try {
      await backend.run(job.path, job.args, ADMIN);
    } catch (error) {
      log(`cron "${job.identifier}": ${logText(error)}`);
    }
    if (timers.has(job.identifier)) wait(job, nextRun(job.schedule, began, Date.now()) - Date.now());
  };
  for (const job of jobs) {
    const now = Date.now();
    wait(job, job.schedule.type === 'interval' ? 0 : nextRun(job.schedule, now, now) - now);
  }
  return {
    [Symbol.dispose]: () => {
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    },
  };
}

/** The first time after `now` that `schedule` asks for, in milliseconds since 1970, when it last ran at `began`. */
export function nextRun(schedule: Schedule, began: number, now: number): number {
  if (schedule.type === 'interval') {
    const { seconds = 0, minutes = 0, hours = 0 } = schedule;
    const interval = (seconds + 60 * minutes + 3600 * hours) * 1000;
    return began + interval * Math.max(1, Math.ceil((now - began + 1) / interval));
  }
  const period = (schedule.type === 'hourly' ? 60 : 24 * 60) * MINUTE;
  const offset =
    (schedule.type === 'hourly' ? schedule.minuteUTC : 60 * schedule.hourUTC + schedule.minuteUTC) * MINUTE;
  return (Math.floor((now - offset) / period) + 1) * period + offset;
}
