import { describe, expect, test } from 'vitest';
import { segment, textOf, type Segment } from '../../src/core/segments.ts';
import { loadHeads } from '../../src/judging/load-heads.ts';
import { htmlToText } from '../../src/mail/html-text.ts';
import { aMail } from '../support/a-mail.ts';

const heads = loadHeads();

function parts(text: string, subject = 'Scans from your network'): readonly Segment[] {
  return segment(aMail({ text, subject }), heads).all;
}

function kinds(segments: readonly Segment[]): readonly string[] {
  return segments.map((part) => part.role ?? part.form ?? part.kind);
}

const complaint = 'Hello, your machine 198.51.100.7 attacks our shop. Please stop it.';

describe('a forwarded complaint is told from what the sender says, whatever the language of the mail program', () => {
  test.each([
    ['Gmail', '---------- Forwarded message ---------\nFrom: Ann <ann@shop.example>\nDate: Tue, 3 Nov 2026 at 09:12\nSubject: Attack\nTo: <abuse@isp.example>'],
    ['Outlook', '-----Original Message-----\nFrom: Ann <ann@shop.example>\nSent: Tuesday, 3 November 2026 09:12\nTo: abuse@isp.example\nSubject: Attack'],
    ['Outlook on the web', '________________________________\nFrom: Ann <ann@shop.example>\nSent: Tuesday, 3 November 2026 09:12\nTo: abuse@isp.example\nSubject: Attack'],
    ['Apple Mail', 'Begin forwarded message:\n\nFrom: Ann <ann@shop.example>\nSubject: Attack\nDate: 3 November 2026 at 09:12:00 CET\nTo: abuse@isp.example'],
    ['Thunderbird', '-------- Forwarded Message --------\nSubject: \tAttack\nDate: \tTue, 3 Nov 2026 09:12:00 +0100\nFrom: \tAnn <ann@shop.example>\nTo: \tabuse@isp.example'],
    ['bold labels', '*From:* Ann <ann@shop.example>\n*Sent:* Tuesday, 3 November 2026 09:12\n*To:* abuse@isp.example\n*Subject:* Attack'],
    ['German', '-----Ursprüngliche Nachricht-----\nVon: Ann <ann@shop.example>\nGesendet: Dienstag, 3. November 2026 09:12\nAn: abuse@isp.example\nBetreff: Attack'],
    ['French', '-----Message d’origine-----\nDe : Ann <ann@shop.example>\nEnvoyé : mardi 3 novembre 2026 09:12\nÀ : abuse@isp.example\nObjet : Attack'],
    ['Spanish', 'De: Ann <ann@shop.example>\nEnviado el: martes, 3 de noviembre de 2026 9:12\nPara: abuse@isp.example\nAsunto: Attack'],
    ['Portuguese', 'De: Ann <ann@shop.example>\nEnviada em: terça-feira, 3 de novembro de 2026 09:12\nPara: abuse@isp.example\nAssunto: Attack'],
    ['Italian', 'Da: Ann <ann@shop.example>\nInviato: martedì 3 novembre 2026 09:12\nA: abuse@isp.example\nOggetto: Attack'],
    ['Dutch', 'Van: Ann <ann@shop.example>\nVerzonden: dinsdag 3 november 2026 09:12\nAan: abuse@isp.example\nOnderwerp: Attack'],
    ['Swedish', 'Från: Ann <ann@shop.example>\nSkickat: den 3 november 2026 09:12\nTill: abuse@isp.example\nÄmne: Attack'],
    ['Danish', 'Fra: Ann <ann@shop.example>\nSendt: 3. november 2026 09:12\nTil: abuse@isp.example\nEmne: Attack'],
    ['Finnish', 'Lähettäjä: Ann <ann@shop.example>\nLähetetty: tiistai 3. marraskuuta 2026 9.12\nVastaanottaja: abuse@isp.example\nAihe: Attack'],
    ['Polish', 'Od: Ann <ann@shop.example>\nWysłano: wtorek, 3 listopada 2026 09:12\nDo: abuse@isp.example\nTemat: Attack'],
    ['Czech', 'Od: Ann <ann@shop.example>\nOdesláno: úterý 3. listopadu 2026 9:12\nKomu: abuse@isp.example\nPředmět: Attack'],
    ['Hungarian', 'Feladó: Ann <ann@shop.example>\nElküldve: 2026. november 3. 9:12\nCímzett: abuse@isp.example\nTárgy: Attack'],
    ['Romanian', 'De la: Ann <ann@shop.example>\nTrimis: marți, 3 noiembrie 2026 09:12\nCătre: abuse@isp.example\nSubiect: Attack'],
    ['Bulgarian', 'От: Ann <ann@shop.example>\nИзпратено: вторник, 3 ноември 2026 09:12\nДо: abuse@isp.example\nОтносно: Attack'],
    ['Greek', 'Από: Ann <ann@shop.example>\nΣτάλθηκε: Τρίτη, 3 Νοεμβρίου 2026 09:12\nΠρος: abuse@isp.example\nΘέμα: Attack'],
    ['Russian', '-------- Пересылаемое сообщение --------\nОт: Ann <ann@shop.example>\nДата: 3 ноября 2026, 09:12\nКому: abuse@isp.example\nТема: Attack'],
    ['Ukrainian', 'Від: Ann <ann@shop.example>\nНадіслано: 3 листопада 2026 р. 09:12\nКому: abuse@isp.example\nТема: Attack'],
    ['Turkish', 'Kimden: Ann <ann@shop.example>\nGönderildi: 3 Kasım 2026 Salı 09:12\nKime: abuse@isp.example\nKonu: Attack'],
    ['Arabic', 'من: Ann <ann@shop.example>\nتم الإرسال: 3 نوفمبر 2026 09:12\nإلى: abuse@isp.example\nالموضوع: Attack'],
    ['Persian', 'از: Ann <ann@shop.example>\nتاریخ: 3 نوامبر 2026\nبه: abuse@isp.example\nموضوع: Attack'],
    ['Hebrew', 'מאת: Ann <ann@shop.example>\nנשלח: יום שלישי 3 נובמבר 2026 09:12\nאל: abuse@isp.example\nנושא: Attack'],
    ['Japanese', '差出人: Ann <ann@shop.example>\n送信日時: 2026年11月3日 9:12\n宛先: abuse@isp.example\n件名: Attack'],
    ['Korean', '보낸 사람: Ann <ann@shop.example>\n날짜: 2026년 11월 3일\n받는 사람: abuse@isp.example\n제목: Attack'],
    ['Chinese', '发件人：Ann <ann@shop.example>\n发送时间：2026年11月3日 9:12\n收件人：abuse@isp.example\n主题：Attack'],
  ])('%s', (_, head) => {
    const found = parts(`Please look at this.\n\n${head}\n\n${complaint}`, 'Fwd: Attack');
    expect(kinds(found)).toEqual(['new', 'forwarded']);
    expect(found[0]?.text).toBe('Please look at this.');
    expect(found[1]?.text).toBe(complaint);
    expect(found[1]?.head).toMatchObject({ from: 'Ann <ann@shop.example>', subject: 'Attack' });
  }); // prettier-ignore

  test('a separator of the desk that passes it on is enough, and its end is seen', () => {
    const found = parts(
      `We got this:\n\n----- complaint follows -----\n${complaint}\n----- end of complaint -----\n\nAnswer in 24 hours.`,
    );
    expect(kinds(found)).toEqual(['new', 'forwarded', 'new']);
    expect(found[2]?.text).toBe('Answer in 24 hours.');
  });

  test('an attached mail is forwarded, with its head', () => {
    const inner = aMail({
      text: complaint,
      subject: 'Attack',
      headers: [{ name: 'from', value: 'Ann <ann@shop.example>' }],
    });
    const attachment = { filename: null, contentType: 'message/rfc822', size: 1, text: null, mail: inner };
    const { all } = segment(aMail({ text: 'See attached.', attachments: [attachment] }), heads);
    expect(all[1]).toMatchObject({ kind: 'forwarded', text: complaint, attachment: 0, head: { subject: 'Attack' } });
  });

  test('the sample in a machine report is evidence', () => {
    const attachment = {
      filename: null,
      contentType: 'message/rfc822',
      size: 1,
      text: null,
      mail: aMail({ text: 'Buy!' }),
    };
    const { all } = segment(
      aMail({ contentType: 'multipart/report', text: 'A report.', attachments: [attachment] }),
      heads,
    );
    expect(all[1]).toMatchObject({ kind: 'evidence', text: 'Buy!' });
  });

  test('a report field "From" with an address for a value is no head', () => {
    expect(
      kinds(parts('Firewall report\n\nFrom: 198.51.100.7\nTo: 203.0.113.9\nDate: 2026-11-03\nSubject: scan')),
    ).toEqual(['new', 'pairs']);
  });

  test('a dump of mail headers is evidence', () => {
    const dump =
      'Return-Path: <x@y.example>\nReceived: from z ([198.51.100.7])\nFrom: x@y.example\nTo: a@b.example\nSubject: Buy\nDate: today';
    expect(kinds(parts(`We got spam:\n\n${dump}`))).toEqual(['new', 'records']);
  });
});

describe('in an answer, what is quoted is told from what is new', () => {
  test.each([
    ['English', 'On Tue, 3 Nov 2026 at 09:12, Example Exits <abuse@exits.example> wrote:'],
    ['English over two lines', 'On Tue, 3 Nov 2026 at 09:12, Example Exits\n<abuse@exits.example> wrote:'],
    ['German', 'Am 03.11.2026 um 09:12 schrieb Example Exits:'],
    ['French', 'Le mar. 3 nov. 2026 à 09:12, Example Exits <abuse@exits.example> a écrit :'],
    ['Spanish', 'El mar, 3 nov 2026 a las 9:12, Example Exits (<abuse@exits.example>) escribió:'],
    ['Portuguese', 'Em ter., 3 de nov. de 2026 às 09:12, Example Exits <abuse@exits.example> escreveu:'],
    ['Italian', 'Il giorno mar 3 nov 2026 alle ore 09:12 Example Exits <abuse@exits.example> ha scritto:'],
    ['Dutch', 'Op di 3 nov 2026 om 09:12 schreef Example Exits <abuse@exits.example>:'],
    ['Swedish', 'Den tis 3 nov. 2026 kl 09:12 skrev Example Exits <abuse@exits.example>:'],
    ['Finnish', 'ti 3. marrask. 2026 klo 9.12 Example Exits (abuse@exits.example) kirjoitti:'],
    ['Polish', 'wt., 3 lis 2026 o 09:12 Example Exits <abuse@exits.example> napisał(a):'],
    ['Czech', 'út 3. 11. 2026 v 9:12 odesílatel Example Exits <abuse@exits.example> napsal:'],
    ['Hungarian', 'Example Exits <abuse@exits.example> ezt írta (időpont: 2026. nov. 3., K, 9:12):'],
    ['Romanian', 'În mar., 3 nov. 2026 la 09:12, Example Exits <abuse@exits.example> a scris:'],
    ['Greek', 'Στις Τρί 3 Νοε 2026 στις 9:12 π.μ., ο χρήστης Example Exits <abuse@exits.example> έγραψε:'],
    ['Russian', 'вт, 3 нояб. 2026 г. в 09:12, Example Exits <abuse@exits.example>:'],
    ['Ukrainian', 'вт, 3 лист. 2026 р. о 09:12 Example Exits <abuse@exits.example> пише:'],
    ['Turkish', 'Example Exits <abuse@exits.example>, 3 Kas 2026 Sal, 09:12 tarihinde şunu yazdı:'],
    ['Arabic', 'في الثلاثاء، 3 نوفمبر 2026 في 9:12 ص تمت كتابة ما يلي بواسطة Example Exits <abuse@exits.example>:'],
    ['Hebrew', 'בתאריך יום ג׳, 3 בנוב׳ 2026 ב-9:12 מאת Example Exits <abuse@exits.example>:'],
    ['Japanese', '2026年11月3日(火) 9:12 Example Exits <abuse@exits.example>:'],
    ['Korean', '2026년 11월 3일 (화) 오전 9:12, Example Exits <abuse@exits.example>님이 작성:'],
    ['Chinese', 'Example Exits <abuse@exits.example> 于2026年11月3日周二 09:12写道：'],
  ])('%s', (_, head) => {
    const found = parts(`Thank you.\n\n${head}\n\n> It is a Tor exit.\n> We keep no logs.\n\nSo please block us.`, 'Re: Scans');
    expect(found.map((part) => [part.kind, part.text])).toEqual([
      ['new', 'Thank you.'],
      ['quoted', 'It is a Tor exit.\nWe keep no logs.'],
      ['new', 'So please block us.'],
    ]);
  }); // prettier-ignore

  test('answers between the quoted lines are new text', () => {
    const found = parts('> one\n\nyes\n\n> two\n>> older\n\nno', 'Re: Scans');
    expect(found.map((part) => [part.kind, part.depth, part.text])).toEqual([
      ['quoted', 1, 'one'],
      ['new', 0, 'yes'],
      ['quoted', 1, 'two'],
      ['quoted', 2, 'older'],
      ['new', 0, 'no'],
    ]);
  });

  test('a quoting element of HTML counts as a quote', () => {
    const html = htmlToText('<p>Thanks!</p><blockquote><p>It is a Tor exit.</p></blockquote><p>Ann</p>');
    const { all } = segment(aMail({ html, subject: 'AW: Scans' }), heads);
    expect(all.map((part) => part.kind)).toEqual(['new', 'quoted', 'new']);
  });

  test('in a mail that answers nothing, what somebody else wrote is passed on', () => {
    const text = 'He wrote me this:\n\nOn 3 Nov 2026 at 09:12, Max <max@x.example> wrote:\n> I know where you live.';
    expect(parts(text)[1]).toMatchObject({ kind: 'forwarded', text: 'I know where you live.' });
  });

  test('a sentence that ends in "wrote:" is no head', () => {
    expect(kinds(parts('In 2026 somebody from your network wrote:\nI will find you, wherever you are.'))).toEqual([
      'new',
    ]);
  });
});

describe('evidence', () => {
  test.each([
    ['sshd', 'Nov  3 09:12:00 web sshd[811]: Failed password for root from 198.51.100.7 port 50122 ssh2'],
    ['a web server', '198.51.100.7 - - [03/Nov/2026:09:12:00 +0100] "GET /wp-login.php HTTP/1.1" 404 162'],
    ['a packet filter', 'IN=eth0 OUT= SRC=198.51.100.7 DST=203.0.113.9 PROTO=TCP SPT=4001 DPT=22'],
    ['ISO time stamps', '2026-11-03T09:12:00Z 198.51.100.7 -> 203.0.113.9:22 DROP'],
    ['CSV', '198.51.100.7,22,2026-11-03 09:12:00,ssh'],
    ['a drawn table', '| 198.51.100.7 | 22 | ssh |'],
    ['tcpdump', '09:12:00.123456 IP 198.51.100.7.4001 > 203.0.113.9.22: Flags [S], seq 1'],
    ['XML', '<Source><IP_Address>198.51.100.7</IP_Address></Source>'],
    ['HTTP', 'POST /xmlrpc.php HTTP/1.1'],
  ])('of %s is a record', (_, line) => {
    expect(kinds(parts(`Hello, see the log:\n\n${line}\n\nPlease stop it.`))).toEqual(['new', 'records', 'new']);
  });

  test.each([
    ['labels', 'Source: 198.51.100.7\nPort: 22\nWords: "I will find you"'],
    ['leaders', 'Source ....... 198.51.100.7\nPort ......... 22'],
    ['columns', 'Source    198.51.100.7\nPort      22'],
    ['full-width colons', '送信元IP　：198.51.100.7\n宛先ポート：22'],
  ])('in %s is pairs, for a value may be what somebody said', (_, lines) => {
    expect(kinds(parts(`Report\n\n${lines}\n\nPlease stop it.`))).toEqual(['new', 'pairs', 'new']);
  });

  test.each([
    ['one label in running text', 'Please note: we have blocked 198.51.100.7 already.'],
    [
      'an IPv6 address and a time',
      'someone at 2001:db8::7 tried my page on\n28 September 2026 between 22:10 and 22:45. Please look.',
    ],
    ['a line that begins with a time', 'we need your statement by\n2026-11-12 09:00 UTC. A form is not offered here.'],
    ['a link', 'open this page:\n\nhttps://console.isp.example/abuse/statement?token=0123456789abcdef0123456789'],
    ['a narrative with commas', 'He wrote again, he waited, he rang, he left, he came back at 9, and then he shouted.'],
  ])('is not seen in %s', (_, text) => {
    expect(kinds(parts(`Hello,\n\n${text}`))).toEqual(['new']);
  });

  test('is what is attached as a table', () => {
    const attachment = { filename: 'a.csv', contentType: 'text/csv', size: 1, text: complaint, mail: null };
    const mail = aMail({ text: 'My complaint is in the table, please read it.', attachments: [attachment] });
    expect(segment(mail, heads).all[1]).toMatchObject({ kind: 'evidence', attachment: 0 });
  });

  test('is what an attached text file shows, not what it tells', () => {
    const text = `${complaint}\n\nNov  3 09:12:00 web sshd[811]: Failed password for root from 198.51.100.7 port 1 ssh2\n`;
    const attachment = { filename: 'a.txt', contentType: 'text/plain', size: 1, text, mail: null };
    const read = (body: string): readonly Segment[] =>
      segment(aMail({ text: body, attachments: [attachment] }), heads).all;
    expect(read('My complaint is in the text file, please read it.').slice(1)).toMatchObject([
      { kind: 'forwarded', text: complaint, attachment: 0 },
      { kind: 'evidence', attachment: 0 },
    ]);
    expect(read('')).toMatchObject([{ kind: 'new', text: complaint, attachment: 0 }, { kind: 'evidence' }]);
  });
});

describe('boilerplate', () => {
  test('is a signature after its separator, and logs below it are not', () => {
    const text =
      'Please stop it.\n-- \nAnn Ames\nShop Ltd\n\nNov  3 09:12:00 web sshd[811]: Failed password for root\n';
    expect(kinds(parts(text))).toEqual(['new', 'signature', 'records']);
  });

  test.each([
    ['English', 'Kind regards,\nAnn Ames\nHead of IT\n+44 20 7946 0000'],
    ['German', 'Mit freundlichen Grüßen\n\nAnn Ames\nShop GmbH'],
    ['French', 'Cordialement,\nAnn Ames'],
    ['Russian', 'С уважением,\nАнна Эймс'],
    ['Chinese', '此致\n安娜'],
    ['Turkish', 'Saygılarımla,\nAnn Ames'],
  ])('is a closing with a name in %s', (_, closing) => {
    expect(kinds(parts(`Please stop it.\n\n${closing}`))).toEqual(['new', 'signature']);
  });

  test.each([
    ['a tag', '[EXTERNAL] He was at my door again last night and I am afraid.'],
    [
      'a banner in the line above',
      'CAUTION: This email originated from outside of the organization.\nHe was at my door again last night and I am afraid.',
    ],
    [
      'a disclaimer in the line below',
      `${'He was at my door again last night and I am afraid. '.repeat(3)}\nThis message is intended solely for the addressee.`,
    ],
  ])('never swallows a narrative that stands beside %s', (_, text) => {
    expect(textOf(parts(text), ['new'])).toContain('He was at my door again');
  });

  test('never swallows a sentence after the closing', () => {
    const found = parts(
      'Please help me.\n\nThanks,\nAnn\n\nPS he was at my door again last night\nand he knows where my children go to school',
    );
    expect(textOf(found, ['new'])).toContain('he was at my door again last night');
    expect(textOf(found, ['new'])).toContain('my children go to school');
  });

  test.each([
    [
      'a disclaimer',
      'disclaimer',
      'This message is intended solely for the addressee. If you have received this e-mail in error, delete it.',
    ],
    ['a footer of a list', 'footer', 'You received this message because you are subscribed to the group "abuse".'],
    ['a line of a device', 'device', 'Sent from my iPhone'],
    ['a line of a device in German', 'device', 'Von meinem iPhone gesendet'],
  ])('is %s', (_, role, paragraph) => {
    expect(kinds(parts(`Please stop it.\n\n${paragraph}`))).toEqual(['new', role]);
  });

  test.each([
    ['[EXTERNAL]'],
    ['CAUTION: This email originated from outside of the organization. Do not click links.'],
    ['Achtung: Externe E-Mail. Keine Links öffnen.'],
    ["You don't often get email from ann@shop.example. Learn why this is important"],
  ])('is the banner of a gateway: %s', (banner) => {
    expect(kinds(parts(`${banner}\n\n${complaint}`))).toEqual(['banner', 'new']);
  });
});

describe('alternatives', () => {
  const page = (html: string, text: string): ReturnType<typeof segment> =>
    segment(aMail({ text, html: htmlToText(html) }), heads);

  test('that say the same are read once', () => {
    expect(page(`<p>${complaint}</p>`, complaint)).toMatchObject({ body: 'text', other: [] });
  });

  test('that name other addresses are both read', () => {
    const { other } = page('<p>198.51.100.8 attacks us</p>', '198.51.100.7 attacks us');
    expect(textOf(other, ['new'])).toBe('198.51.100.8 attacks us');
  });

  test('of which the text is a stub are read as HTML', () => {
    const { body, all } = page(`<p>${complaint.repeat(5)}</p>`, 'This mail needs HTML.');
    expect(body).toBe('html');
    expect(all[0]?.text).toContain('198.51.100.7');
  });
});

describe('a line that begins with an address and a time', () => {
  test('is told in words where hardly anything else follows', () => {
    const told =
      '198.51.100.7, 4 October 2026, 20:00 UTC, that is who put it on the wall of our hall. We will not go there any more.';
    expect(kinds(parts(told))).toEqual(['new']);
  });

  test('is a record where it is followed by fields', () => {
    expect(kinds(parts('198.51.100.7, 22, 2026-10-04T20:00:00Z, tcp, syn, dropped'))).not.toContain('new');
  });
});
