import { describe, expect, it } from 'vitest';
import { passage } from '../../../src/core/judge/mail-words.ts';
import { findMatter } from '../../../src/core/judge/matter.ts';
import { loadJudgementData } from '../../../src/judging/load-judgement-data.ts';

const data = loadJudgementData();
const words = (language: string, text: string) => passage(text, data, language, 1000);
const workaday = (language: string, text: string) =>
  findMatter(
    {
      language,
      narrative: words(language, text),
      ownFrom: 0,
      forwardedFrom: text.length,
      evidence: words(language, ''),
      boilerplate: words(language, ''),
      shown: words(language, ''),
      identity: [],
    },
    null,
  ).workaday;

describe('how much of a story is about computers, trade and offices', () => {
  it.each([
    [
      'pl',
      'Ktoś rezerwuje na naszej stronie wszystkie bilety na premierę, nie płaci za zamówienia i blokuje kasę portalu. Proszę zablokować jego adres.',
    ],
    [
      'uk',
      'Хтось тримає товар у кошику нашої крамниці, не оплачує замовлення, і система пише покупцям, що складу бракує. Прошу вжити заходів.',
    ],
    [
      'cs',
      'Někdo nám v rezervačním systému divadla blokuje vstupenky, nic neplatí a pokladní je pak ručně maže z objednávek na serveru.',
    ],
  ])('is much where goods and services are misused, in %s', (language, text) => {
    expect(workaday(language, text)).toBe('much');
  });

  it.each([
    [
      'pl',
      'Hasło mam nowe. Od tamtej pory ktoś wieczorami staje na wprost mojego tarasu, patrzy i odchodzi bez słowa, a rano znajduję na wycieraczce polne kwiaty. Sąsiadka też go widziała, stał tak długo pod kasztanem i wcale się nie krył.',
    ],
    [
      'hu',
      'Új jelszót adtam meg. Azóta esténként valaki megáll a teraszommal szemben, hosszan bámul, majd szótlanul távozik, reggel pedig mezei virágot találok a lábtörlőn. A szomszédasszony is látta, egy órát ácsorgott a gesztenyefa alatt, és cseppet sem rejtőzködött.',
    ],
  ])('is hardly any where a password is named in passing, in %s', (language, text) => {
    expect(workaday(language, text)).toBe('hardly');
  });

  it('is no more than some where nothing is misused', () => {
    expect(
      workaday('cs', 'Divadlo má server, katalog, portál, sklad, ceny, programátora a smlouvu s poskytovatelem.'),
    ).toBe('some');
  });
});
