/** The edge as it ships, in workerd, over HTTP. One instance for all suites: starting it takes about 4 s. */
import { afterAll, beforeAll, describe } from 'vitest';
import { type EdgeUnderTest, startEdge } from '../../support/edge.ts';
import { admissionSuite, LINK_KEYS } from './suites/admission.ts';
import { answersSuite } from './suites/answers.ts';
import { deliverySuite } from './suites/delivery.ts';
import { videosSuite } from './suites/videos.ts';

let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await startEdge({ LINK_KEYS: JSON.stringify(LINK_KEYS) });
}, 60_000);
afterAll(() => edge?.[Symbol.asyncDispose]());

describe('delivery', () => deliverySuite(() => edge));
describe('admission', () => admissionSuite(() => edge));
describe('answers of its own', () => answersSuite(() => edge));
describe('videos', () => videosSuite(() => edge));
