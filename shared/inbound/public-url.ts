/** A request's URL as the caller reaches it. */
interface PublicUrl {
  /** Absolute URL of the API, without a trailing slash. */
  baseUrl: string;
  /** Path below `baseUrl`. */
  path: string;
  url: URL;
}

/**
 * The URL of a request for absolute links. Azure's front end terminates TLS, so that the app may see `http` instead of `https`.
 * `X-Forwarded-Host` is ignored: any caller can send it.
 * @param route route template of the function.
 * @param publicUrl the setting `PUBLIC_URL`: with a path, it is the URL of the API; without one, it replaces the host only.
 */
export function readPublicUrl(
  request: { url: string; headers: { get(name: string): string | null } },
  route: string,
  publicUrl: string | undefined,
): PublicUrl {
  const own = new URL(request.url);
  const protocol = /^https?(?=,|$)/i.exec(request.headers.get('x-forwarded-proto') ?? '')?.[0];
  if (protocol !== undefined) own.protocol = protocol;
  const segments = own.pathname.replace(/\/+$/, '').split('/');
  const routeLength = route.split('/').length;
  const prefix = segments.slice(0, -routeLength).join('/');
  const path = `/${segments.slice(-routeLength).join('/')}`;
  const baseUrl = publicUrl === undefined ? own.origin + prefix : toBaseUrl(publicUrl, prefix);
  return { baseUrl, path, url: new URL(baseUrl + path + own.search) };
}

const toBaseUrl = (publicUrl: string, prefix: string): string =>
  new URL(publicUrl).pathname === '/' ? publicUrl + prefix : publicUrl;
