import { describe, expect, it } from 'vitest';
import { isFirm, personalName, signedName } from '../../../src/core/judge/person-name.ts';
import { loadJudgementData } from '../../../src/judging/load-judgement-data.ts';

const data = loadJudgementData();
const signed = (own: string, from: string | null = null, signature = '') => signedName({ own, signature }, data, from);

describe('the name signed under a mail', () => {
  it.each([
    ['a name behind the closing of the last sentence', 'We see 300 logins. Thank you, Anna Marsh', 'Anna Marsh'],
    ['one who signs for somebody else', 'Bitte stellen Sie das ab.\n\ni. A. Tilman Hufnagel', 'Tilman Hufnagel'],
    ['a Romanian one', 'Cineva a intrat în cont. Mulțumesc, Ioana Dobrescu', 'Ioana Dobrescu'],
    ['a Hungarian one in its order', 'Kérjük, vizsgálják ki. Köszönettel: Szűcs Márta titkár', 'Szűcs Márta'],
    ['a Russian one without the office', 'Прошу сообщить данные. Инспектор Зимин Павел', 'Зимин Павел'],
    ['an Arabic one behind a closing', 'نرجو التوقف. مع التحية، كريم ناصر', 'كريم ناصر'],
    ['a Persian one without the office', 'لطفا بررسی کنید. با تشکر، مهندس پریسا راد', 'پریسا راد'],
    ['a Korean one with its humble ending', '확인 부탁드립니다. 문서윤 드림', '문서윤'],
    ['a Japanese one behind the trade', 'ご確認ください。店主 森山', '森山'],
    ['a Chinese one behind the office', '请协助处理。经理 钟丽', '钟丽'],
  ])('is found: %s', (_, own, name) => {
    expect(signed(own)).toBe(name);
  });

  it('is found before the rank of a police officer', () => {
    expect(signed('Es wird um Auskunft gebeten.', null, 'Im Auftrag\nKornelius Abt, KHK')).toBe('Kornelius Abt');
  });

  it.each([
    ['the last request', 'We see 300 logins. Please stop it'],
    ['one capitalised word', 'Serverul cade. Urgent'],
    ['a sentence of a script without capitals', 'نرجو المساعدة. أوقفت لوحة التحكم مؤقتا'],
    ['a Japanese sentence', 'ログを添付します。確認お願いします'],
    ['a Hebrew request', 'יש לוג מצורף. אשמח לטיפול'],
  ])('is not %s', (_, own) => {
    expect(signed(own)).toBeNull();
  });
});

describe('a name to greet', () => {
  it.each([
    ['עו"ד רונית לביא', 'רונית לביא'],
    ['弁護士 川端修', '川端修'],
    ['변호사 하은재', '하은재'],
    ['адв. Мария Тотева', 'Мария Тотева'],
    ['前川 美和（Miwa Maekawa）', '前川 美和'],
  ])('%s is %s', (shown, name) => {
    expect(personalName(shown, data.names)).toBe(name);
  });

  it.each([
    '정보보안팀',
    '网络安全部',
    '情報システム部',
    'Отдел безопасности',
    'Прокуратура',
    'قسم تقنية المعلومات',
    'موسسه فرهنگی',
    'Τμήμα Υποστήριξης',
    'Okul Yönetimi',
    'Megyei Rendőr-főkapitányság',
    '匿名希望',
  ])('%s is nobody', (shown) => {
    expect(personalName(shown, data.names)).toBeNull();
  });
});

describe('the name shown in From', () => {
  it('is the firm where the domain is made of it and the mailbox is not', () => {
    expect(isFirm({ name: 'Lakeside Anglers', address: 'office@lakeside-anglers.example' })).toBe(true);
  });

  it.each([
    ['the mailbox bears it', 'anna@anna-marsh.example'],
    ['the domain is another', 'office@site.example'],
  ])('is a person where %s', (_, address) => {
    expect(isFirm({ name: 'Anna Marsh', address })).toBe(false);
  });
});
