import { Refusal } from './entra-refusal.ts';

interface Scope {
  /** All that was asked for. */
  readonly asked: string;
  /** Identifier URI of the resource. */
  readonly uri: string;
  readonly name: string;
}

/** Clients add these to any request; they name no resource. */
const nameless = ['openid', 'profile', 'offline_access', ''];

/**
 * The one scope that a form asks for.
 * @throws {Refusal}
 */
export function requireScope(form: URLSearchParams): Scope {
  const asked = form.get('scope');
  if (!asked) throw new Refusal(900144, 'scope');
  const [scope = '', ...others] = asked.split(/\s+/).filter((each) => !nameless.includes(each));
  const slash = scope.lastIndexOf('/');
  if (others.length > 0 || slash < 1) throw new Refusal(70011, asked);
  return { asked, uri: scope.slice(0, slash), name: scope.slice(slash + 1) };
}
