/** HTML in which every inserted text has been escaped. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Text with code in backticks. */
export const prose = (text: string): Markup =>
  markup`${text.split('`').map((part, index) => (index % 2 === 0 ? part : markup`<code>${part}</code>`))}`;

type Part = string | number | Markup | readonly Part[] | false | undefined;

/** HTML template: escapes text, inserts markup unchanged, omits `false` and `undefined`. */
export function markup(literals: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const texts = literals.map((literal, index) => literal + write(parts[index]));
  return new Markup(texts.join(''));
}

function write(part: Part): string {
  if (part === undefined || part === false) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'object') return part.map(write).join('');
  return String(part).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
