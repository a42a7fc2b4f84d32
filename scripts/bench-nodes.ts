import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNodesAt } from '../src/cli/nodes.ts';
import { buildApp } from '../src/build-app.ts';
import { loadConfig } from '../src/config.ts';
import { createLog } from '../src/log.ts';

const nodes = 500;
const addressesEach = 10;
const questions = 2000;
const silent = { write: (): void => undefined };

/**
 * What a large inventory costs: 500 nodes with 10 dated addresses and 3 exit policies each. The command is measured as a whole
 * process, and its work alone: the statement on one address at one time, with its page of text.
 */
export async function measureNodes(folder: string): Promise<string[][]> {
  mkdirSync(join(folder, 'nodes', 'inbox'), { recursive: true });
  const file = join(folder, 'nodes', 'desk.yaml');
  writeFileSync(file, configText());
  const began = performance.now();
  const config = loadConfig(file, {});
  const loadMs = performance.now() - began;
  const app = buildApp(config, { log: createLog('silent'), clock: Date.now });
  const times: number[] = [];
  for (let i = 0; i < questions; i += 1) {
    const start = performance.now();
    runNodesAt(app, [addressOf(i % nodes, i % addressesEach), i % 2 === 0 ? '2026-03-01T11:04Z' : '2026-03-01T11:04'], {}, silent); // prettier-ignore
    times.push(performance.now() - start);
  }
  await app.close();
  times.sort((a, b) => a - b);
  const at = (share: number): string => `${(times[Math.floor(times.length * share)] ?? 0).toFixed(2)} ms`;
  const start = performance.now();
  spawnSync(process.execPath, ['src/exitdesk.mjs', 'nodes', 'at', addressOf(250, 5), '2026-03-01T11:04Z', '--config', file], { cwd: join(import.meta.dirname, '..') }); // prettier-ignore
  const wholeMs = performance.now() - start;
  return [
    ['what an address was, 500 nodes of 10 addresses', at(0.5), `median; 95th percentile ${at(0.95)}, ${questions} questions`], // prettier-ignore
    ['exitdesk nodes at ADDRESS TIME, the whole process', `${wholeMs.toFixed(0)} ms`, `its configuration loads in ${loadMs.toFixed(0)} ms`], // prettier-ignore
  ];
}

function addressOf(node: number, index: number): string {
  return index % 2 === 0 ? `10.${node >> 8}.${node & 255}.${index}` : `2001:db8:${node.toString(16)}::${index}`;
}

function configText(): string {
  const config = {
    desk: { name: 'Abuse desk', organisation: 'Exits Example', addresses: ['abuse@exits.example'] },
    mailboxes: [{ maildir: { path: 'inbox' } }],
    sending: { folder: { path: 'letters' } },
    handlers: [{ name: 'ada', address: 'ada@exits.example' }],
    letters: { facts: { organisationDescription: 'an association', noLogs: true, blocksOnRequest: true, smtpPortClosed: true } }, // prettier-ignore
    nodes: Array.from({ length: nodes }, (_, node) => ({
      name: `node-${node}`,
      addresses: Array.from({ length: addressesEach }, (__, index) => ({
        address: addressOf(node, index),
        from: `202${2 + (index % 3)}-01-01`,
      })),
      exitPolicies: [
        { exitPolicy: ['reject *:25'] },
        { from: '2024-06-01', reducedExitPolicy: true },
        { from: '2025-06-01', exitPolicy: ['reject *:22', 'reject *:25'], reducedExitPolicy: true, ipv6Exit: true },
      ],
      check: { transport: 'none' },
    })),
  };
  return JSON.stringify(config);
}
