import { describe, expect, it } from 'vitest';
import { detectLanguage } from '../../src/judging/detect-language.ts';

describe('the language of a text', () => {
  it.each([
    ['zh', '您好，昨天有人从198.51.100.10登录我的信箱，密码也被改掉了'],
    ['ja', '昨日198.51.100.10から不正なログインがありました'],
    ['ko', '어제 198.51.100.10에서 로그인 시도가 있었습니다'],
    ['el', 'Από τη 198.51.100.10 έρχονται διαφημίσεις στη φόρμα μας'],
    ['id', 'Selamat pagi, server kami diserang dari alamat 198.51.100.10 sejak kemarin sore, mohon ditindaklanjuti'],
    ['hu', 'Tegnap óta valaki a 198.51.100.10 címről próbálja kitalálni a jelszavainkat'],
  ])('is told around an address: %s', (language, text) => {
    expect(detectLanguage(text)).toBe(language);
  });

  it('is open where there are only addresses and links', () => {
    expect(detectLanguage('198.51.100.10 https://shop.example/login?x=1 root@host.example')).toBeNull();
  });
});
