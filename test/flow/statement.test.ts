import { afterEach, describe, expect, it } from 'vitest';
import { dayMs, hourMs, t0 } from '../support/a-case.ts';
import { aComplaint, headerOf, openFolderDesk, type FolderDesk } from '../support/folder-desk.ts';
import { shown, testSource } from '../support/public-tor.ts';

let desk: FolderDesk;
afterEach(() => desk.stop());

const letterText = (): string =>
  desk
    .letters()
    .find((raw) => headerOf(raw, 'Subject').includes('[EX-1]'))
    ?.replaceAll(/=\r?\n/g, '')
    .replaceAll(/\s+/g, ' ') ?? '';

function accusing(time: string): string {
  return aComplaint({
    text: `Hello,\n\nyour machine 198.51.100.10 tried to log in to our server by SSH on ${time}. Please make it stop.\n\nJane Miller\n`,
  });
}

describe('the statement on an accused address', () => {
  it('keeps with the case what public Tor data showed when it was opened, and tells it in the letter', async () => {
    desk = await openFolderDesk();
    const source = testSource(desk.app.db, { gapMs: 2 * dayMs });
    source.show(t0 - dayMs, [shown('198.51.100.10')]);
    source.show(t0, [shown('198.51.100.10')]);
    desk.drop(accusing('2026-11-01 at 22:10 UTC'));
    await desk.pass();
    const kept = desk.case(1).complaint.publicTor;
    expect(kept).toMatchObject([{ ip: '198.51.100.10', answer: { kind: 'exit', source: 'exit-addresses' } }]);
    expect(letterText()).toContain('an exit in public Tor data, from 2026-11-01 to 2026-11-02');
    // What is collected later changes nothing about what was known.
    source.show(t0 + hourMs, []);
    await desk.restart();
    expect(desk.case(1).complaint.publicTor).toEqual(kept);
  });

  it('keeps nothing where no public Tor data are collected', async () => {
    desk = await openFolderDesk();
    desk.drop(accusing('2026-11-01 at 22:10 UTC'));
    await desk.pass();
    expect(desk.case(1).complaint).not.toHaveProperty('publicTor');
    expect(letterText()).not.toContain('public Tor data');
  });

  it('says that the zone decides where the address was ours in some zones only', async () => {
    desk = await openFolderDesk({ change: (yaml) => yaml.replace('from: 2024-01-01', 'from: 2026-11-01T12:00:00Z') });
    desk.drop(accusing('2026-11-01 at 15:10'));
    await desk.pass();
    expect(desk.case(1).judgement.addresses[0]).toMatchObject({ standing: 'exit', uncertain: true });
    expect(letterText()).toContain('198.51.100.10 whether it was ours depends on the time zone of your time');
    expect(letterText()).not.toContain('a Tor exit of ours at that time');
  });
});
