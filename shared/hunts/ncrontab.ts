/** A schedule in UTC, as on Azure. */
export interface Ncrontab {
  /** The first occurrence after `at` (epoch ms), or `undefined` without an occurrence in the next 40 years. */
  next(at: number): number | undefined;
}

interface Field {
  readonly title: string;
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const monthNames = 'January February March April May June July August September October November December'.split(' ');
const weekdayNames = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

const fields = [
  { title: 'second', min: 0, max: 59 },
  { title: 'minute', min: 0, max: 59 },
  { title: 'hour', min: 0, max: 23 },
  { title: 'day of month', min: 1, max: 31 },
  { title: 'month', min: 1, max: 12, names: monthNames },
  { title: 'day of week', min: 0, max: 6, names: weekdayNames },
] as const satisfies readonly Field[];

const secondMs = 1_000;
const dayMs = 86_400_000;
/** February 29 on a given weekday can be 40 years away, around a century that is not a leap year. */
const horizonDays = 40 * 366;

/**
 * Parses an NCRONTAB expression of six fields (seconds first) or five (second 0). It differs from cron: day of month
 * and day of week must both hold, Sunday is 0 only, a reversed range is swapped, `5/10` runs on to the field's end.
 * Throws an `Error` that names the field.
 */
export function parseNcrontab(expression: string): Ncrontab {
  const parts = expression.trim().split(/\s+/);
  const texts = parts.length === 5 ? ['0', ...parts] : parts;
  if (texts.length !== fields.length) {
    throw new Error(`"${expression}" has ${parts.length} fields instead of 5 or, with seconds first, 6.`);
  }
  const [seconds, minutes, hours, days, months, weekdays] = fields.map((field, index) =>
    parseField(texts[index] ?? '', field),
  ) as [number[], number[], number[], number[], number[], number[]];
  const secondsOfDay = hours.flatMap((hour) =>
    minutes.flatMap((minute) => seconds.map((second) => hour * 3600 + minute * 60 + second)),
  );

  return {
    next(at) {
      const startOfDay = Math.floor(at / dayMs) * dayMs;
      for (let day = 0; day < horizonDays; day++) {
        const midnight = startOfDay + day * dayMs;
        if (!isOn(new Date(midnight))) continue;
        const second = secondsOfDay.find((value) => midnight + value * secondMs > at);
        if (second !== undefined) return midnight + second * secondMs;
      }
      return undefined;
    },
  };

  function isOn(day: Date): boolean {
    return (
      months.includes(day.getUTCMonth() + 1) && days.includes(day.getUTCDate()) && weekdays.includes(day.getUTCDay())
    );
  }
}

/** The values that a field allows, ascending. */
function parseField(text: string, field: Field): number[] {
  const allowed = new Set<number>();
  for (const part of text.split(',')) {
    const [range = '', step] = part.split('/');
    const [first, last] = parseRange(range, field, step !== undefined);
    const every = step === undefined ? 1 : Math.max(1, parseNumber(step, field));
    for (let value = first; value <= last; value += every) allowed.add(value);
  }
  return [...allowed].sort((a, b) => a - b);
}

function parseRange(text: string, field: Field, hasStep: boolean): [first: number, last: number] {
  if (text === '*') return [field.min, field.max];
  const dash = text.indexOf('-');
  if (dash > 0) {
    const ends = [parseValue(text.slice(0, dash), field), parseValue(text.slice(dash + 1), field)];
    return [Math.min(...ends), Math.max(...ends)];
  }
  const value = parseValue(text, field);
  return [value, hasStep ? field.max : value];
}

function parseValue(text: string, field: Field): number {
  const named =
    field.names?.findIndex((name) => text !== '' && name.toLowerCase().startsWith(text.toLowerCase())) ?? -1;
  const value = named >= 0 ? named + field.min : parseNumber(text, field);
  if (value < field.min || value > field.max) {
    throw new Error(`"${text}" is not a ${field.title} from ${field.min} to ${field.max}.`);
  }
  return value;
}

function parseNumber(text: string, field: Field): number {
  if (!/^\d+$/.test(text)) throw new Error(`"${text}" is not a ${field.title}.`);
  return Number(text);
}
