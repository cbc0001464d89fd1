/** What happens by the clock. */
import { cronJobs } from 'convex/server';
import { cleanupRows, cleanupStorage, sweepRun } from './model/references.ts';

const crons = cronJobs();

crons.interval('sweep', { minutes: 1 }, sweepRun, {});
crons.interval('clean up rows', { hours: 1 }, cleanupRows, {});
crons.interval('clean up storage', { hours: 24 }, cleanupStorage, { cursor: null });

export default crons;
