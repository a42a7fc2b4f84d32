import { afterEach, describe, expect, it } from 'vitest';
import { createDesk, EXIT, type Desk, type DeskOptions } from '../support/desk.ts';
import { canStart } from '../support/packages.ts';
import { headerOf, post, received, untilReceived } from '../support/post.ts';
import { until } from '../support/servers.ts';
import { useWorld } from '../support/world.ts';

const bruteForce = `Hello,

on 20 November 2026 at 14:03 UTC the address ${EXIT} tried to log in to our server shop.example by SSH,
several hundred times, with user names like root and admin. Please stop this.

Mara Lind
Shop Example
`;

describe.skipIf(!canStart('dovecot', 'postfix', 'sshd'))('the desk answers a complaint', () => {
  const world = useWorld();
  const desks: Desk[] = [];
  const newDesk = (options: Omit<DeskOptions, 'people'> = {}): Desk => {
    const desk = createDesk(world(), { people: world().newPeople(), ...options });
    desks.push(desk);
    return desk;
  };
  afterEach(async () => {
    for (const desk of desks.splice(0)) await desk.remove();
  });

  it('answers a complaint that came by SMTP with a letter that lies in the complainant’s mailbox', async () => {
    const desk = newDesk();
    const { people } = desk;
    const daemon = await desk.start();
    const id = await post(world(), {
      from: `Mara Lind <${people.complainant}>`,
      to: people.desk,
      subject: 'SSH attacks from your server',
      text: bruteForce,
    });
    const letter = await untilReceived(world(), people.complainant).catch((e: unknown) => {
      throw new Error(String(e) + daemon.log() + JSON.stringify(desk.cases(), null, 1));
    });
    console.log(letter.raw, daemon.log());
    expect(headerOf(letter, 'In-Reply-To')).toBe(id);
    expect(await daemon.stop()).toBe(0);
  });
});
