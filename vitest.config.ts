import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    globalSetup: ['test/support/global-setup.ts'],
    // Two suites that each start workerd or a browser are as much as two cores bear.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Colours and CI noise off in child processes, and no credentials of the person who runs the tests.
    env: { NO_COLOR: '1', AWS_PROFILE: '', AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' },
  },
});
