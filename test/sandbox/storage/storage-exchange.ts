/** A request to the storage account, header names in lower case. */
export interface StorageRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface StorageAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

export const empty = (status: number, headers: Readonly<Record<string, string>> = {}): StorageAnswer => ({
  status,
  headers,
  body: '',
});

export const xml = (status: number, content: string): StorageAnswer => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="utf-8"?>${content}`,
});

/** An error of the queue and blob services. */
export const xmlError = (status: number, code: string): StorageAnswer => {
  const answer = xml(status, `<Error><Code>${code}</Code><Message>${code}</Message></Error>`);
  return { ...answer, headers: { ...answer.headers, 'x-ms-error-code': code } };
};

export const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** The text of the first element of this name. */
export const readElement = (text: string, name: string): string =>
  new RegExp(`<${name}>(.*?)</${name}>`, 's').exec(text)?.[1] ?? '';
