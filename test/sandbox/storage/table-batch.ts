import type { StorageAnswer, StorageRequest } from './storage-exchange.ts';

const part = /^(\w+) (\S+) HTTP\/1\.1\r\n(.*?)\r\n\r\n(.*?)\r\n(?=--|\r\n--)/gms;

/** The changes of an entity group transaction, which are requests within a request. */
export function readBatch({ body }: StorageRequest): StorageRequest[] {
  return [...`${body}`.matchAll(part)].map(([, method = '', url = '', headers = '', content = '']) => ({
    method,
    url: new URL(url),
    headers: Object.fromEntries(headers.split('\r\n').map(toHeader)),
    body: Buffer.from(content),
  }));
}

function toHeader(line: string): [name: string, value: string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
}

/** What became of each change, or of the one that failed. */
export function writeBatchAnswer(answers: readonly StorageAnswer[]): StorageAnswer {
  const parts = answers.map(({ status, headers, body }) =>
    [
      '--changesetresponse_1',
      'Content-Type: application/http',
      'Content-Transfer-Encoding: binary',
      '',
      `HTTP/1.1 ${status} ${status < 400 ? 'No Content' : 'Refused'}`,
      ...Object.entries(headers).map(([name, value]) => `${name === 'etag' ? 'ETag' : name}: ${value}`),
      '',
      `${body}`,
    ].join('\r\n'),
  );
  return {
    status: 202,
    headers: { 'content-type': 'multipart/mixed; boundary=batchresponse_1' },
    body: [
      '--batchresponse_1',
      'Content-Type: multipart/mixed; boundary=changesetresponse_1',
      '',
      ...parts,
      '--changesetresponse_1--',
      '--batchresponse_1--',
      '',
    ].join('\r\n'),
  };
}
