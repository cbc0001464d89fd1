import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    globalSetup: ['test/support/global-setup.ts'],
    // Two suites that each start workerd or a browser are as much as two cores bear.
    maxWorkers: 2,
    // Whole stacks, browsers and bombs: generous, because a timed-out test says nothing about the product.
    testTimeout: 90_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 15_000 } },
    // A machine that others use may stall a browser for seconds; a test that fails twice is a fault.
    retry: process.env.CI === 'true' ? 1 : 0,
    // Colours and CI noise off in child processes, and no credentials of the person who runs the tests.
    env: { NO_COLOR: '1', AWS_PROFILE: '', AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' },
  },
});
