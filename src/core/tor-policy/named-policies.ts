/** The two policies that tor brings along, as its manual lists them (ExitPolicy, ReducedExitPolicy). */

export const defaultRules: readonly string[] = [
  ...['25', '119', '135-139', '445', '563', '1214', '4661-4666', '6346-6429', '6699', '6881-6999'].map(
    (ports) => `reject *:${ports}`,
  ),
  'accept *:*',
];

const reducedPorts =
  '20-21 22 23 43 53 79 80-81 88 110 143 194 220 389 443 464 465 531 543-544 554 563 587 636 706 749 873 902-904 981 ' +
  '989-990 991 992 993 994 995 1194 1220 1293 1500 1533 1677 1723 1755 1863 2082 2083 2086-2087 2095-2096 2102-2104 ' +
  '3128 3389 3690 4321 4643 5050 5190 5222-5223 5228 5900 6660-6669 6679 6697 8000 8008 8074 8080 8082 8087-8088 ' +
  '8232-8233 8332-8333 8443 8888 9418 9999 10000 11371 19294 19638 50002 64738';

export const reducedRules: readonly string[] = [
  ...reducedPorts.split(' ').map((ports) => `accept *:${ports}`),
  'reject *:*',
];
