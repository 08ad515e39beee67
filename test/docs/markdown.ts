const maxColumns = 120;

/** A paragraph, wrapped at 120 columns. */
export function paragraph(text: string, indent = ''): string {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1);
    if (line !== undefined && `${line} ${word}`.length <= maxColumns) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(lines.length === 0 ? word : indent + word);
  }
  return lines.join('\n');
}

export const code = (text: string): string => `\`${text}\``;

/** A table; `|` in cells is escaped. Empty for no rows. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const toLine = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [toLine(titles), `|${titles.map(() => '---').join('|')}|`, ...rows.map(toLine)]
    .map((line) => line.replaceAll('|  |', '| |'))
    .join('\n');
}

/** Blocks of a page, separated by blank lines; empty ones are dropped. */
export const page = (...blocks: readonly string[]): string => `${blocks.filter(Boolean).join('\n\n')}\n`;
