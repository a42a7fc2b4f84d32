import { afterEach, describe, expect, it } from 'vitest';
import { runDaemon } from '../../src/daemon.ts';
import { enqueue } from '../../src/store/outbox.ts';
import { latestCheck } from '../../src/store/checks.ts';
import { openFolderDesk, type FolderDesk } from '../support/folder-desk.ts';
import { brought, probeText } from '../support/probe-text.ts';

let desk: FolderDesk;
afterEach(() => desk.stop());

const onHost = (name: string, address: string, host: string): string =>
  `  - name: ${name}\n    addresses: [${address}]\n    from: 2024-01-01\n    check: { host: ${host}, keyFile: key, hostKeys: ["SHA256:${'A'.repeat(43)}"] }\n`;

/** Twelve nodes on six machines, all to be checked at once, by a daemon that may run three probes at a time. */
const nodes = Array.from({ length: 12 }, (_, i) => ({ name: `node${i}`, host: `192.0.2.${Math.floor(i / 2) + 1}` }));
const config = (yaml: string): string =>
  yaml
    .replace(
      /nodes:\n[\s\S]*?(?=handlers:)/,
      `nodes:\n${nodes.map((n, i) => onHost(n.name, `198.51.100.${i + 1}`, n.host)).join('')}`,
    )
    .concat('limits: { probe: { concurrent: 3 } }\n');

describe('checks that are due at the same time', () => {
  it('run several at a time, never more than the limit and never two on one host', async () => {
    desk = await openFolderDesk({ change: config });
    const running = new Map<string, number>();
    const most = { all: 0, host: 0 };
    const stop = new AbortController();
    let over = 0;
    const probe: typeof desk.app.probe = async (target) => {
      const host = target.transport === 'ssh' ? target.host : '';
      running.set(host, (running.get(host) ?? 0) + 1);
      most.host = Math.max(most.host, running.get(host) ?? 0);
      most.all = Math.max(
        most.all,
        [...running.values()].reduce((sum, n) => sum + n, 0),
      );
      // Long enough for every other lane to have taken its row.
      for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
      running.set(host, (running.get(host) ?? 0) - 1);
      over += 1;
      if (over === nodes.length) stop.abort();
      return brought(probeText());
    };
    for (const { name } of nodes) {
      const action = { type: 'check-host', node: name, attempt: 1 } as const;
      enqueue(desk.app.db, action, { key: `test:${name}`, caseId: null, at: desk.clock.now });
    }
    await runDaemon({ ...desk.app, probe }, stop.signal);
    expect(over).toBe(nodes.length);
    expect(most).toEqual({ all: 3, host: 1 });
    expect(nodes.filter(({ name }) => latestCheck(desk.app.db, name) === null).length).toBeLessThan(3);
  });
});
