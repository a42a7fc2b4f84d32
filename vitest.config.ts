import { defineConfig } from 'vitest/config';

/** Tests against real servers carry it in their name, or lie in these folders. */
const SERVERS = ['test/servers/**/*.test.ts', 'test/**/*.server.test.ts'];
const WHOLE = ['test/e2e/**/*.test.ts', 'test/crash/**/*.test.ts'];

export default defineConfig({
  test: {
    pool: 'forks',
    // Real servers share two cores with us in small machines.
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: [...SERVERS, ...WHOLE], testTimeout: 20_000 },
      },
      {
        extends: true,
        test: {
          name: 'servers',
          include: SERVERS,
          globalSetup: 'test/global-setup.ts',
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: WHOLE,
          globalSetup: 'test/global-setup.ts',
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
