import type { Mail } from '../mail.ts';
import { readAcns } from './formats/acns.ts';
import { readArf } from './formats/arf.ts';
import { readFail2ban, readLfd } from './formats/ban-tools.ts';
import { readCsvFeed, readNetscan } from './formats/feeds.ts';
import { readSpamCop } from './formats/spamcop.ts';
import { readXarf3, readXarf4 } from './formats/xarf-json.ts';
import { readXarfYaml } from './formats/xarf-yaml.ts';
import type { Unit } from './material.ts';
import type { Finding } from './reading.ts';

/** What a reader may look at. `texts` are bodies and attached texts as they came, `json` the attached JSON values. */
export type Material = {
  readonly mail: Mail;
  readonly units: readonly Unit[];
  readonly body: string;
  readonly texts: readonly string[];
  readonly json: readonly unknown[];
};

/**
 * The readers in the order they are asked; the first that knows its format wins, the clues of the free text do the rest. Formats
 * that state the accused in a field of their own stand before those that only have a habit of writing.
 *
 * | reader | knows it by |
 * |---|---|
 * | xarf-v4 | JSON with xarf_version and source_identifier |
 * | xarf-v3 | JSON with Report.ReportType |
 * | xarf-v02 | YAML fields Reported-From, Report-Type, Source; also blocklist.de and fail2ban's complaint by X-ARF |
 * | spamcop | subject or header of its own |
 * | acns | XML <Infringement> |
 * | arf | message/feedback-report (RFC 5965) |
 * | csf-lfd | "lfd on …", Blocked: and IP: lines |
 * | fail2ban | its name or its log lines |
 * | csv-feed | an attached CSV with a header |
 * | netscan | rows "tcp source port -> destination port" |
 */
export const readers: readonly ((material: Material) => Finding | null)[] = [
  readXarf4,
  readXarf3,
  readXarfYaml,
  readSpamCop,
  readAcns,
  readArf,
  readLfd,
  readFail2ban,
  readCsvFeed,
  readNetscan,
];
