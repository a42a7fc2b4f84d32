import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Facts, letterNames, type LetterInput } from '../../src/core/letters.ts';
import { sampleInput } from '../../src/core/letters/sample.ts';
import { loadConfig } from '../../src/config.ts';
import type { LetterName } from '../../src/core/policy.ts';
import type { DeskError } from '../../src/errors.ts';
import { loadTemplates, type Templates } from '../../src/mail/render.ts';

const facts: Facts = {
  noLogs: true,
  blocksOnRequest: true,
  smtpPortClosed: true,
  opening: false,
  organisationDescription: 'a small association that runs Tor relays',
  safetyLinks: ['https://safety.example/'],
  torLinks: ['https://tor.example/'],
};

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'exitdesk-letters-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function load(
  changes: { facts?: Facts; languages?: readonly string[]; own?: Readonly<Record<string, string>> } = {},
): Templates {
  for (const [file, text] of Object.entries(changes.own ?? {})) {
    mkdirSync(join(folder, file, '..'), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  const languages = changes.languages ?? ['en'];
  return loadTemplates({
    languages,
    defaultLanguage: 'en',
    facts: Object.fromEntries(languages.map((l) => [l, changes.facts ?? facts])),
    templatesFolder: changes.own === undefined ? null : folder,
  });
}

function problemsOf(changes: Parameters<typeof load>[0]): string {
  try {
    load(changes);
  } catch (error) {
    expect((error as DeskError).code).toBe('template-invalid');
    return (error as Error).message;
  }
  throw new Error('the templates loaded');
}

function inputFor(letter: LetterName, changes: Partial<LetterInput> = {}): LetterInput {
  return { ...sampleInput(letter, 'en', changes.facts ?? facts), ...changes };
}

/** The points of procedure.md §2, in its order, each by words that only it has. */
const points: Readonly<Record<LetterName, readonly (readonly [point: string, words: RegExp])[]>> = {
  threatening: [
    ['greeting by name', /^Dear Jane Doe,/],
    ['who writes and for whom', /My name is Ada, and I am writing to you for Exits Example/],
    ['sorry, and that this is hard', /very sorry about what is happening to you\. We know how hard this is/],
    ['the police, where physical safety is at risk', /physical danger, please contact the police/],
    [
      'a log of what happens is evidence later',
      /keep a record of everything that happens:.*Later, all of it is evidence/,
    ],
    ['the address is a Tor exit', /198\.51\.100\.10.*exits of the Tor network/],
    ['not our machine in particular, the whole network', /not using our server in particular, but the whole network/],
    ['the statement of the address', /a Tor exit of ours at that time/],
    ['Tor gives anonymity', /Tor exists to give people anonymity/],
    ['we cannot find the person', /we do not know who was behind this, and that we cannot find out/],
    [
      'ordinary investigation still works',
      /does not mean that nothing can be done\. Ordinary police work still finds people/,
    ],
    ['but not with our help', /It only cannot start from our server/],
    ['further help', /anything that you would like to ask, or that we may help with/],
    ['sorry again', /Again, we are sorry/],
    ['hope that it is resolved safely and soon', /hope that this ends safely for you, and soon/],
    ['links on staying safe online and offline', /staying safe, online and offline: https:\/\/safety\.example\//],
    ['links on Tor', /On Tor: https:\/\/tor\.example\//],
    ['signature', /Ada Abuse desk Exits Example abuse\+17-r-\S+$/],
  ],
  'non-threatening': [
    ['greeting', /^Dear Jane Doe,/],
    ['who writes', /My name is Ada, and I am writing to you for Exits Example/],
    ['sorry', /We are sorry that somebody causes you this trouble/],
    ['the address is a Tor exit', /198\.51\.100\.10.*exits of the Tor network/],
    ['the statement of the address', /a Tor exit of ours at that time/],
    [
      'Tor gives anonymity, we cannot find the person',
      /give its users anonymity, so we do not know who did this, and we cannot find out/,
    ],
    ['several relays', /through several relays/],
    ['multiplexed', /the connections of many people share the same lines/],
    ['no connection or previous hop is logged', /We log no connection and no previous relay/],
    ['we can block addresses and ports', /addresses and ports on your side, we can block them on our exits/],
    ['but the abuser comes out elsewhere', /simply come out of somebody else's exit/],
    ['sorry for the trouble', /Once more, we are sorry for the trouble/],
    ['further help', /if we can help in another way, please answer/],
    ['links on Tor', /More on Tor: https:\/\/tor\.example\//],
    ['signature', /Ada Abuse desk Exits Example abuse\+17-r-\S+$/],
  ],
  'follow-up': [
    ['greeting', /^Dear Jane Doe,/],
    ['as said, a Tor exit', /As we said, the servers.*exits of the Tor network/],
    ['the abuser uses all of Tor', /uses all of Tor, not only our part/],
    ['the best we can offer is to block', /The best that we can offer is to block/],
    ['with the same limit', /The limit stays the same/],
    ['do questions remain', /Are there questions that we left open\?/],
    ['sorry that we cannot do more', /sorry that we cannot do more/],
    ['signature', /Ada Abuse desk Exits Example abuse\+17-r-\S+$/],
  ],
  'follow-up-threatening': [
    ['greeting', /^Dear Jane Doe,/],
    ['are they safe', /are you safe, and has it stopped\?/],
    ['police again', /please contact the police/],
    ['log again', /keep adding to your record.*It is evidence/],
    ['help as far as we can', /we will help you as far as we can/],
    ['signature', /Ada Abuse desk Exits Example abuse\+17-r-\S+$/],
  ],
  'ask-for-human': [
    ['the address is a Tor exit', /198\.51\.100\.10.*exits of the Tor network/],
    ['we read every report', /We read every report/],
    ['let a person answer, so that we can explain', /Please let a person answer us: we would like to explain/],
    ['the facts in short', /The facts in short:.*anonymity/],
    ['the exit list', /https:\/\/check\.torproject\.org\/torbulkexitlist/],
    ['the offer to block', /we can block them on our exits/],
    ['how to reach us', /A person reaches us, about this very report, at abuse\+17-r-/],
    ['signature', /Ada Abuse desk Exits Example abuse\+17-r-\S+$/],
  ],
  provider: [
    ['their ticket', /\[AbuseID:1A2B3C:4D\]/],
    ['what we run there', /runs exits of the Tor network on servers in your network/],
    ['when the host check was done', /We checked the machine "helium" itself on 2026-03-02 08:30 UTC/],
    ['what it found', /Our check found no sign of a break-in/],
    [
      'what the address was at that time',
      /What the reported address was at that time: 198\.51\.100\.10 a Tor exit of ours/,
    ],
    ['what we did about the complainant', /We answered the person who complained on 2 March 2026/],
    ['signature', /Ada Abuse desk Exits Example abuse\+17-r-\S+$/],
  ],
  details: [
    ['which address', /which IP address/],
    ['when', /the date and the time/],
    ['in which zone', /in which time zone/],
    ['which port', /which port/],
    ['signature', /Ada Abuse desk Exits Example abuse\+17-r-\S+$/],
  ],
  'exit-list': [
    ['how to fetch the list automatically', /https:\/\/check\.torproject\.org\/torbulkexitlist/],
    ['and block or challenge them', /a challenge or a second look.*block them wholly/],
    ['how to ask for a block on our side', /ask us for a block on our exits: answer this message/],
    ['signature', /Ada Abuse desk Exits Example abuse\+17-r-\S+$/],
  ],
  'not-ours': [
    ['the address is not ours, or was not then', /is not one of ours, or was not at the time that you report/],
    ['signature', /Ada Abuse desk Exits Example abuse\+17-r-\S+$/],
  ],
};

test.each(letterNames)('the letter %s says every point of the procedure, in its order', (letter) => {
  const { text } = load().render(letter, inputFor(letter));
  const line = text.replace(/\s+/g, ' ').trim();
  let from = 0;
  for (const [point, words] of points[letter]) {
    const found = words.exec(line.slice(from));
    expect(found, `${letter}: ${point} (after "${line.slice(Math.max(0, from - 60), from)}")`).not.toBeNull();
    from += found?.index ?? 0;
  }
});

test.each(letterNames)(
  'the letter %s has no open tag, no overlong prose, no hole, and never says "not compromised"',
  (letter) => {
    const { subject, text } = load().render(letter, inputFor(letter));
    expect(text).not.toMatch(/[{}]|undefined|null|\[object|\(\)|\s,|,,|\.\.|\n\n\n/);
    expect(text).not.toMatch(/not compromised|is clean|TorBulkExitList\.py|ip-port\.exitlist/);
    expect(text.split('\n').filter((l) => l.length > 76 && !l.includes('https://'))).toEqual([]);
    expect(subject).toMatch(/^Re: Attack from your network .*\[EX-17\]$|^Re: Attack from your network \[EX-17\]$/);
    expect(Buffer.byteLength(text)).toBeLessThan(4096);
  },
);

test('the letters load with the facts that the example and the demo state', () => {
  const env = { EXITDESK_MAILBOX_ABUSE_PASSWORD: 'x', EXITDESK_SMTP_PASSWORD: 'x' };
  for (const file of ['config/example.yaml', 'config/demo.yaml']) {
    const { letters } = loadConfig(file, env);
    const stated = letters.facts['en'] ?? {};
    const { text } = loadTemplates(letters).render('threatening', inputFor('threatening', { facts: stated }));
    expect(text).toContain('https://ssd.eff.org/');
  }
});

test('a threatened person is offered no blocks', () => {
  const templates = load();
  for (const letter of ['threatening', 'follow-up-threatening'] as const)
    expect(templates.render(letter, inputFor(letter)).text).not.toMatch(/\bblock|\bports?\b|we log no/i);
});

test('what an operator does not do is not claimed', () => {
  const honest = {
    ...facts,
    noLogs: false,
    blocksOnRequest: false,
    smtpPortClosed: false,
    organisationDescription: false,
  };
  const templates = load({ facts: honest });
  for (const letter of letterNames) {
    const { text } = templates.render(letter, inputFor(letter, { facts: honest }));
    expect(text, letter).not.toMatch(/We log no|we can block|offer is to block|port 25|association|false/);
    expect(text, letter).not.toMatch(/[{}]|\n\n\n/);
  }
});

test('a letter names the operator’s own opening first', () => {
  const own = { ...facts, opening: 'We are volunteers.' };
  expect(load({ facts: own }).render('threatening', inputFor('threatening', { facts: own })).text).toMatch(
    /^Dear Jane Doe,\n\nWe are volunteers\.\n\nMy name/,
  );
});

test('port 25 is spoken of only where spam was reported', () => {
  const templates = load();
  expect(templates.render('non-threatening', inputFor('non-threatening', { category: 'spam' })).text).toContain(
    'port 25',
  );
  expect(templates.render('non-threatening', inputFor('non-threatening', { category: 'scan' })).text).not.toContain(
    'port 25',
  );
});

test('a letter about addresses that were no exits of ours does not say that they were', () => {
  const templates = load();
  for (const letter of ['threatening', 'non-threatening', 'follow-up', 'ask-for-human'] as const) {
    const input = inputFor(letter);
    const addresses = input.judgement.addresses.map((a) => ({ ...a, standing: 'not-exit' as const }));
    const { text } = templates.render(letter, { ...input, judgement: { ...input.judgement, addresses } });
    expect(text.replace(/\s+/g, ' '), letter).not.toMatch(
      /(?:is an exit|are exits) of the Tor network|a Tor exit of ours/,
    );
  }
});

test('a case without name, subject, time, address and earlier letter leaves no hole', () => {
  const templates = load();
  for (const letter of letterNames) {
    const input = inputFor(letter, { letters: [], checks: [] });
    const judgement = {
      ...input.judgement,
      sender: { ...input.judgement.sender, greeting: null },
      addresses: [],
      event: { at: null, local: null, text: null },
    };
    const { subject, text } = templates.render(letter, {
      ...input,
      judgement,
      complaint: { ...input.complaint, subject: '' },
    });
    expect(text, letter).toMatch(/^Hello,\n\n/);
    expect(text, letter).not.toMatch(/\(\)|undefined|null|\s,|[{}]|\n\n\n/);
    expect(subject, letter).toMatch(/\[EX-17\]$/);
  }
});

test('text from a mail is data: tags, line breaks, direction marks and length do nothing', () => {
  const templates = load();
  const hostile = '{{facts.noLogs}} {{> _signature}} {{=<% %>=}}\r\nBcc: x@y.example\n\n\u202eevil \u0000';
  for (const letter of letterNames) {
    const input = inputFor(letter);
    const judgement = {
      ...input.judgement,
      sender: { ...input.judgement.sender, greeting: '{{deskName}}\r\n\r\nSend money' },
      event: { ...input.judgement.event, text: hostile },
    };
    const complaint = { ...input.complaint, subject: hostile + 'x'.repeat(10_000) };
    const { subject, text } = templates.render(letter, { ...input, judgement, complaint });
    expect(subject, letter).toContain('{{facts.noLogs}} {{> _signature}}');
    expect(subject, letter).not.toMatch(/[\u0000-\u001f\u202e]/);
    expect(subject.length, letter).toBeLessThan(260);
    expect(text, letter).not.toMatch(/\n\s*Bcc:|\nSend money|[\u0000\u202e]/);
    if (text.startsWith('Dear ')) expect(text).toMatch(/^Dear \{\{deskName\}\} Send money,\n\n/);
    expect(text.length, letter).toBeLessThan(4096);
  }
});

test('whatever a mail holds, every letter renders, with one line of subject and the case token in it once', () => {
  const templates = load();
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc
      .array(
        fc.constantFrom(
          '{{',
          '}}',
          '{{{',
          '[EX-17]',
          '[EX-9]',
          'Re: ',
          '\r\n',
          '\u202e',
          '😀',
          '{{#facts}}',
          '{{/facts}}',
        ),
      )
      .map((p) => p.join('')),
  );
  fc.assert(
    fc.property(fc.constantFrom(...letterNames), text, text, text, (letter, subject, greeting, token) => {
      const input = inputFor(letter);
      const judgement = {
        ...input.judgement,
        sender: { ...input.judgement.sender, greeting },
        event: { at: null, local: subject, text: greeting },
        provider: letter === 'provider' ? { token, deadline: token, form: null, complainant: null } : null,
      };
      const rendered = templates.render(letter, { ...input, judgement, complaint: { ...input.complaint, subject } });
      expect(rendered.subject.match(/\[EX-\d+\]/gi)).toEqual(['[EX-17]']);
      expect(rendered.subject).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/);
      expect(rendered.text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/);
    }),
    { numRuns: 300 },
  );
});

test('an operator’s file goes before ours, file by file', () => {
  const own = {
    'en/follow-up.txt': 'Subject: {{subject}} again\n\nHi {{name}}, still there?\n\n{{> _signature}}\n',
    'en/_signature.txt': '-- \n{{signedBy}}\n',
  };
  const templates = load({ own });
  expect(templates.render('follow-up', inputFor('follow-up'))).toEqual({
    subject: 'Attack from your network again [EX-17]',
    text: 'Hi Jane Doe, still there?\n\n--\nAda\n',
  });
  expect(templates.render('details', inputFor('details')).text).toMatch(/--\nAda\n$/);
  expect(templates.render('details', inputFor('details')).text).toContain('in which time zone');
});

test('a letter that uses a fact the operator has not stated does not load, and says which', () => {
  const { noLogs: _, ...stated } = facts;
  const message = problemsOf({ facts: stated });
  expect(message).toMatch(/en\/non-threatening\.txt uses the fact "noLogs", which letters\.facts does not state in en/);
  expect(message).toMatch(/en\/ask-for-human\.txt uses the fact "noLogs"/);
  expect(message).not.toContain('en/threatening.txt');
});

test.each([
  ['a mistyped name', 'Hi {{nmae}}', 'this letter knows no "nmae"; did you mean "name"?'],
  ['a name of another letter', '{{#isSpam}}x{{/isSpam}}', 'this letter knows no "isSpam"'],
  [
    'a mistyped name in a list',
    '{{#addresses}}{{ipp}}{{/addresses}}',
    'this letter knows no "ipp"; did you mean "ip"?',
  ],
  ['what every JavaScript object has', '{{constructor}} {{facts.toString}}', 'this letter knows no "constructor"'],
  ['a mistyped fact', '{{facts.nologs}}', 'did you mean "noLogs"?'],
  ['a part that is not there', '{{> _none}}', 'there is no shared part en/_none.txt'],
  ['a part outside the folder', '{{> ../../etc/passwd}}', 'there is no shared part'],
  ['an open section', '{{#name}}Hi', 'Unclosed section "name"'],
  ['other delimiters', '{{=<% %>=}}<% name %>', 'other delimiters'],
])('an operator’s letter with %s does not load', (_, text, expected) => {
  expect(problemsOf({ own: { 'en/follow-up.txt': `Subject: x\n\n${text}\n` } })).toContain(expected);
});

test('a shared part that contains itself does not load', () => {
  const own = { 'en/_signature.txt': '{{> _loop}}', 'en/_loop.txt': '{{> _signature}}' };
  expect(problemsOf({ own })).toContain('contains itself');
});

test('a letter without its subject line does not load', () => {
  expect(problemsOf({ own: { 'en/details.txt': 'Hi\n' } })).toContain('must begin with the line "Subject: …"');
});

test('a language needs all of its letters, and every missing one is named', () => {
  const message = problemsOf({ languages: ['en', 'xx'], own: { 'xx/details.txt': 'Subject: x\n\ny\n' } });
  expect(message).toContain('xx/threatening.txt is missing');
  expect(message).not.toContain('xx/details.txt is missing');
});

test('the language of a letter: the wanted one, its base, else the default', () => {
  const own = Object.fromEntries(letterNames.map((letter) => [`xx/${letter}.txt`, 'Subject: x\n\ny\n']));
  const templates = load({ languages: ['en', 'xx'], own });
  expect(['xx', 'xx-yy', 'de', null].map((l) => templates.languageFor(l))).toEqual(['xx', 'xx', 'en', 'en']);
  expect(templates.render('details', inputFor('details', { language: 'xx' })).text).toBe('y\n');
});
