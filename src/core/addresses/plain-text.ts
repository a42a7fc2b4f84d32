/** Characters that show nothing and break a word apart: soft hyphen, zero-width ones, joiners, direction marks. */
const invisible = /[\u00AD\u200B-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u2069\uFEFF]/g;
const otherDigits = /[\uFF0E\uFF10-\uFF1A\uFF3B\uFF3D\uFF08\uFF09\uFF0F\u0660-\u0669\u06F0-\u06F9]/g;
const oddSpaces = /[\u00A0\u1680\u2000-\u200A\u202F\u205F\u3000]/g;

/**
 * One line of mail made plain for scanning: invisible characters gone, full-width and Arabic-Indic digits and full-width
 * punctuation as ASCII, defanging undone ("[.]", "(dot)", "[:]", "hxxp"). Positions refer to the result.
 */
export function plainLine(line: string): string {
  // The usual line is ASCII without brackets: nothing to do.
  if (!/[^\x00-\x7F]|[[({\\]|hxxp|\d \. \d/i.test(line)) return line;
  const ascii = /[^\x00-\x7F]/.test(line)
    ? line
        .replace(invisible, '')
        .replace(oddSpaces, ' ')
        .replace(otherDigits, asciiOf)
        .replace(/(?<=\d)。(?=\d)/g, '.')
    : line;
  return refang(ascii);
}

function refang(line: string): string {
  return line
    .replace(/(?<=[\da-z])\s?[[({<](?:\.|dot|punkt|point|punto|ponto)[\])}>]\s?(?=[\da-z])/gi, '.')
    .replace(/(?<=[\da-f:])\[:\](?=[\da-f:])/gi, ':')
    .replace(/(?<=\d)\\\.(?=\d)|(?<=\d)\[\.(?=\d)|(?<=\d)\.\](?=\d)/g, '.')
    .replace(/(?<=\b\d{1,3}) (?:dot|DOT) (?=\d{1,3}\b)/g, '.')
    .replace(/(?<![\d.] ?)\d{1,3}(?: \. \d{1,3}){3}(?! ?[\d.]\d)/g, (spaced) => spaced.replaceAll(' ', ''))
    .replace(/\bhxxp(s?)(?:\[:\]|:)/gi, 'http$1:')
    .replace(/(?<=\bhttps?)\[:(?:\/\/)?\]/gi, ':');
}

function asciiOf(char: string): string {
  const code = char.charCodeAt(0);
  if (code >= 0xff00) return String.fromCharCode(code - 0xfee0);
  return String(code >= 0x6f0 ? code - 0x6f0 : code - 0x660);
}
