import { describe, expect, it } from 'vitest';
import { passage } from '../../../src/core/judge/mail-words.ts';
import { openSentences, personalStory } from '../../../src/core/judge/open-sentences.ts';
import { loadJudgementData } from '../../../src/judging/load-judgement-data.ts';

const data = loadJudgementData();
const words = (language: string, text: string) => passage(text, data, language, 1000);
const none = words('en', '');
const story = (language: string, text: string) =>
  personalStory({
    language,
    narrative: words(language, text),
    ownFrom: 0,
    forwardedFrom: text.length,
    evidence: none,
    boilerplate: none,
    shown: none,
    identity: [],
  });

describe('what somebody was told beside a technical matter', () => {
  it.each([
    ['ru', 'Боты качают наш каталог. Вчера оттуда же оставили отзыв, что кассирша Света сегодня грустная.'],
    ['uk', 'У відгуки сиплеться спам. Але вчора написали ще й те, якою стежкою ходить наша бібліотекарка.'],
    ['bg', 'Заливат ни с реклами. От сряда обаче идват и писма за нашата касиерка, че ѝ отива зеленото.'],
    ['ro', 'Primim spam pe forum. Tot de acolo o colegă a primit aseară un mesaj despre fularul ei nou.'],
    ['hu', 'Spam jön az űrlapon. De tegnap este az is jött, hogy a pénztárosunk szomorúnak látszik.'],
    ['el', 'Έρχεται spam στη φόρμα. Αλλά χθες έγραψε και πώς λένε την αδερφή της ταμία μας.'],
    ['tr', 'Yorumlara reklam yazılıyor. Ama dün kasadaki arkadaşımız için de bir şeyler yazılmış, tedirgin olduk.'],
    ['ar', 'تصلنا إعلانات مزعجة في النموذج. لكن أمس كُتب أيضًا أن زميلتنا تبدو حزينة هذه الأيام.'],
    ['fa', 'در نظرات اسپم می‌گذارند. ولی دیشب نوشته بود همکار ما امروز از کدام طرف رفته است.'],
    ['he', 'מגיע ספאם לטופס. אבל אתמול נכתב שם גם שלקופאית שלנו יש חיוך עצוב.'],
    ['ja', '掲示板に広告が書き込まれます。それとは別に昨日、レジの方の帰る方向まで書かれました。'],
    ['ko', '후기에 광고가 올라옵니다. 그런데 어제 계산대 직원이 어느 길로 가는지까지 적혀 있었습니다.'],
    ['zh', '留言板上有人发广告。可是昨天还写了一句收银员今天看起来很累。'],
  ])('is seen in %s', (language, text) => {
    expect(story(language, text)).not.toBeNull();
  });

  it.each([
    ['ru', 'Пишут спам на форуме каждый день. Прошу принять меры.'],
    ['hu', 'Reklámot írnak a fórumunkra, tegnap is jött vagy húsz spam.'],
    ['ja', '掲示板にスパムが書き込まれています。対処をお願いします。'],
    ['zh', '论坛里一直有人发垃圾广告，请处理。'],
    ['cs', 'Někdo nám posílá falešné objednávky. Nevím si rady a manžel říká, ať to nahlásím poskytovateli.'],
    ['pl', 'Sklep nie działa. Mąż mówi, żeby napisać do was, bo on się na tym nie zna, a ja jeszcze mniej.'],
  ])('is not the spam itself, nor what a helper says: %s', (language, text) => {
    expect(story(language, text)).toBeNull();
  });
});

describe('somebody who is spoken of as he or she', () => {
  it.each([
    ['en', 'Bots fill our form. One entry knew the name of her cat, and she no longer comes by bus.'],
    ['fr', 'Du spam sur le forum. Depuis lundi elle ne vient plus, et personne ne sait pourquoi elle pleure.'],
    ['ru', 'Боты на форуме. Она больше не выходит на крыльцо, и её подруга тоже.'],
    ['zh', '有人发广告。她现在不敢出门，她妈妈也是。'],
  ])('is seen in %s', (language, text) => {
    expect(story(language, text)).not.toBeNull();
  });

  it.each([
    ['en', 'He hammers our login page all night. Our firewall blocks him each time, but his attacks go on.'],
    ['en', 'My colleague saw the scan first and asked me to write. She is in the office until five.'],
    ['de', 'Ein Bot flutet unser Formular. Er hat 900 Anfragen geschickt und scannt die Ports.'],
  ])('is no story where attacks are told, or once in passing: %s', (language, text) => {
    expect(story(language, text)).toBeNull();
  });
});

describe('a sentence about people', () => {
  const open = (text: string) => openSentences(words('en', text), 0).map((sentence) => sentence.text);

  it.each([
    ['My husband blocked the address in the hosting panel, and he changed the password of the account.'],
    ['He never pays of course, but the stock is then reserved for his order.'],
    ['My daughter spotted it when a customer complained about his invoice.'],
    ['She is afraid that we lose our customers and our business.'],
  ])('is explained by what it says of machines, trade and offices: %s', (text) => {
    expect(open(text)).toEqual([]);
  });

  it.each([
    ['A bot hammers our shop. She walks to the ferry on her own', 'She walks to the ferry on her own'],
    ['The order was for a girl from our till and her neighbour, with her floor and her bell', null],
  ])('is open where it tells of them what explains nothing: %s', (text, sentence) => {
    expect(open(text)).toEqual([sentence ?? text]);
  });

  it('is each line of a table for itself', () => {
    const table = words('en', 'GET /login 200 | bot\nchat | she never looks round\nGET /login 200 | bot');
    expect(openSentences(table, 0, true).map((line) => line.text)).toEqual(['chat | she never looks round']);
  });
});
