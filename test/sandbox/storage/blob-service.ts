import { empty, escapeXml, type StorageAnswer, type StorageRequest, xml, xmlError } from './storage-exchange.ts';

interface Blob {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly modifiedAt: number;
}

interface Container {
  readonly blobs: Map<string, Blob>;
  /** Blocks that are not part of a blob yet, by blob and block id. */
  readonly staged: Map<string, Map<string, Buffer>>;
}

/** Azure Blob Storage in memory: containers of block blobs. */
export function createBlobService(now: () => number) {
  const containers = new Map<string, Container>();
  let version = 0;

  function answer(request: StorageRequest): StorageAnswer {
    const { method, url } = request;
    const [, name = '', blob] = /^\/([a-z0-9-]+)(?:\/(.*))?$/s.exec(decodeURIComponent(url.pathname)) ?? [];
    if (!blob && method === 'PUT') return createContainer(name);
    const container = containers.get(name);
    if (container === undefined) return xmlError(404, 'ContainerNotFound');
    if (!blob) return list(container, url.searchParams.get('prefix') ?? '');
    return method === 'PUT' ? write(request, container, blob) : answerBlob(request, container, blob);
  }

  function createContainer(name: string): StorageAnswer {
    if (containers.has(name)) return xmlError(409, 'ContainerAlreadyExists');
    containers.set(name, { blobs: new Map(), staged: new Map() });
    return empty(201);
  }

  function write({ url, headers, body }: StorageRequest, container: Container, name: string): StorageAnswer {
    const staged = container.staged.get(name) ?? new Map<string, Buffer>();
    const component = url.searchParams.get('comp');
    if (component === 'block') {
      container.staged.set(name, staged.set(url.searchParams.get('blockid') ?? '', body));
      return empty(201);
    }
    if (headers['if-none-match'] === '*' && container.blobs.has(name)) return xmlError(409, 'BlobAlreadyExists');
    const ids = [...`${body}`.matchAll(/<(?:Latest|Uncommitted|Committed)>(.*?)</g)].map(([, id = '']) =>
      staged.get(id),
    );
    if (component === 'blocklist' && ids.includes(undefined)) return xmlError(400, 'InvalidBlockList');
    const bytes = component === 'blocklist' ? Buffer.concat(ids.filter((block) => block !== undefined)) : body;
    const etag = `"0x${(++version).toString(16)}"`;
    container.blobs.set(name, { bytes, etag, modifiedAt: now() });
    container.staged.delete(name);
    return empty(201, { etag });
  }

  return {
    answer,
    /** Every blob as `container/name`. */
    get blobNames(): readonly string[] {
      return [...containers].flatMap(([container, { blobs }]) =>
        [...blobs.keys()].map((name) => `${container}/${name}`),
      );
    },
  };
}

function answerBlob({ method, headers }: StorageRequest, container: Container, name: string): StorageAnswer {
  const blob = container.blobs.get(name);
  if (blob === undefined) return xmlError(404, 'BlobNotFound');
  if (headers['if-match'] !== undefined && headers['if-match'] !== blob.etag) return xmlError(412, 'ConditionNotMet');
  if (method === 'DELETE') {
    container.blobs.delete(name);
    return empty(202);
  }
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(headers['x-ms-range'] ?? headers.range ?? '') ?? [];
  const bytes =
    first === undefined ? blob.bytes : blob.bytes.subarray(Number(first), last ? Number(last) + 1 : undefined);
  return {
    status: first === undefined ? 200 : 206,
    headers: {
      etag: blob.etag,
      'last-modified': new Date(blob.modifiedAt).toUTCString(),
      'content-length': String(bytes.length),
      'content-type': 'application/octet-stream',
      'x-ms-blob-type': 'BlockBlob',
    },
    body: method === 'HEAD' ? '' : bytes,
  };
}

function list({ blobs }: Container, prefix: string): StorageAnswer {
  const entries = [...blobs]
    .filter(([name]) => name.startsWith(prefix))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([name, { bytes, etag, modifiedAt }]) =>
        `<Blob><Name>${escapeXml(name)}</Name><Properties><Last-Modified>${new Date(modifiedAt).toUTCString()}</Last-Modified>` +
        `<Etag>${etag}</Etag><Content-Length>${bytes.length}</Content-Length><BlobType>BlockBlob</BlobType></Properties></Blob>`,
    );
  return xml(200, `<EnumerationResults><Blobs>${entries.join('')}</Blobs><NextMarker /></EnumerationResults>`);
}
