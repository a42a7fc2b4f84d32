/** What every end-to-end story begins with: the world, a desk in it, and somebody who complains. */
import { afterEach } from 'vitest';
import { createDesk, EXIT, type Desk, type DeskOptions } from './desk.ts';
import { post, type Post } from './post.ts';
import { useWorld, type World } from './world.ts';

export type Stories = {
  readonly world: () => World;
  /** A desk with people of its own; what it started ends with its test. */
  readonly newDesk: (options?: Omit<DeskOptions, 'people'>) => Desk;
  /** The complainant (or whoever is named) reports an attack by mail; gives the mail's Message-ID. */
  readonly complain: (desk: Desk, mail?: Partial<Post>) => Promise<string>;
};

export function useStories({ stories = 20 }: { readonly stories?: number } = {}): Stories {
  const world = useWorld(stories);
  const desks: Desk[] = [];
  afterEach(async () => {
    for (const desk of desks.splice(0)) await desk.remove();
  });
  return {
    world,
    newDesk: (options = {}) => {
      const desk = createDesk(world(), { people: world().newPeople(), ...options });
      desks.push(desk);
      return desk;
    },
    complain: (desk, mail = {}) =>
      post(world(), {
        from: `Mara Lind <${desk.people.complainant}>`,
        to: desk.people.desk,
        subject: 'SSH attacks from your server',
        text: attack,
        ...mail,
      }),
  };
}

const attack = `Hello,

on 20 November 2026 at 14:03 UTC the address ${EXIT} tried to log in to our server by SSH, several hundred
times, with user names like root and admin. Please stop this.

Mara Lind
Shop Example
`;

/** Somebody is afraid for her life. */
export const threat = `Hello,

since last week somebody who uses your address ${EXIT} writes to me that he knows where I live and that he
will come and kill me. The last message came on 21 November 2026 at 22:15 UTC. I am afraid for my life.

Mara Lind
`;

export const policeRequest = `Dear Sir or Madam,

the criminal police are conducting a criminal investigation into fraud. On 20 November 2026 at 14:03 UTC the offender
used the IP address ${EXIT}. Please tell us the name and address of the subscriber to whom it was assigned.

Jan Vogt, Detective Inspector
Criminal Police Office
`;
